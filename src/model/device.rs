//! On what the networks and the shaders run: chosen at run time, and told to the user.
//!
//! A real GPU is used if there is one, else the CPU. A software rasteriser (lavapipe,
//! llvmpipe, SwiftShader) calls itself a graphics adapter, but is slower than the CPU
//! by itself, so it counts as no GPU unless the GPU is asked for by name.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use ziyin_message::{Message, ToMessage, message};

use burn::cubecl::config::autotune::AutotuneLevel;
use burn::cubecl::config::{CubeClRuntimeConfig, RuntimeConfig};
use burn::tensor::{Device, DeviceKind, DeviceType};

/// What the user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// A real GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// A graphics adapter, even one in software, or an error.
    Gpu,
    /// The CPU; graphics drivers are not touched.
    Cpu,
}

impl FromStr for DeviceChoice {
    type Err = DeviceError;

    fn from_str(s: &str) -> Result<Self, DeviceError> {
        match s {
            "auto" => Ok(Self::Auto),
            "gpu" => Ok(Self::Gpu),
            "cpu" => Ok(Self::Cpu),
            _ => Err(DeviceError::Unknown(s.to_owned())),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Gpu => "gpu",
            Self::Cpu => "cpu",
        })
    }
}

/// What training is to run on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrainingChoice {
    /// As many devices as wanted, chosen as [`DeviceChoice`] says.
    Kind(DeviceChoice),
    /// These GPUs by their places: real ones first, software only where there is no other.
    /// One may be named twice.
    Gpus(Vec<usize>),
}

impl FromStr for TrainingChoice {
    type Err = DeviceError;

    fn from_str(s: &str) -> Result<Self, DeviceError> {
        if let Ok(choice) = s.parse() {
            return Ok(Self::Kind(choice));
        }
        let places = s.split(',').map(|name| name.trim().strip_prefix("gpu:")?.parse().ok());
        let places: Option<Vec<usize>> = places.collect();
        places.map(Self::Gpus).ok_or_else(|| DeviceError::UnknownForTraining(s.to_owned()))
    }
}

/// Why there is no device as asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum DeviceError {
    /// The choice is none of those there are.
    Unknown(String),
    /// The same, where several GPUs may be named.
    UnknownForTraining(String),
    /// More GPUs were asked for than there are.
    NoSuchGpu { wanted: usize, count: usize },
    /// The GPU was asked for and cannot be had; the reason says why.
    NoGpu(Message),
}

impl ToMessage for DeviceError {
    fn to_message(&self) -> Message {
        match self {
            Self::Unknown(name) => message!("device.unknown", name),
            Self::UnknownForTraining(name) => message!("device.unknown-for-training", name),
            Self::NoSuchGpu { wanted, count } => message!("device.no-such-gpu", wanted, count),
            Self::NoGpu(why) => message!("device.no-gpu", why),
        }
    }
}

/// The one GPU of the process. The networks, the vocoder's shaders and the window all
/// run on these handles.
#[derive(Clone, Debug)]
pub struct Gpu {
    pub instance: wgpu::Instance,
    pub adapter: wgpu::Adapter,
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    /// What the driver calls it, and through which graphics interface it is reached.
    pub name: String,
    /// Whether it is in truth the CPU.
    pub software: bool,
}

/// What everything runs on.
#[derive(Clone, Debug)]
pub struct Compute {
    /// Where tensors live.
    pub tensors: Device,
    /// The GPU, where it is what tensors live on.
    pub gpu: Option<Gpu>,
    /// One phrase for the user: what was chosen, and why where it is not plain.
    pub description: Message,
}

impl Compute {
    /// The CPU, whatever else there is.
    pub fn cpu() -> Self {
        Self { tensors: Device::flex(), gpu: None, description: message!("device.cpu") }
    }

    /// Chooses. Asking again gives the same GPU.
    ///
    /// # Errors
    ///
    /// [`DeviceError::NoGpu`] if the choice is [`DeviceChoice::Gpu`] and there is none
    /// that works. Otherwise the CPU is always there.
    pub fn choose(choice: DeviceChoice) -> Result<Self, DeviceError> {
        let found = match choice {
            DeviceChoice::Cpu => return Ok(Self::cpu()),
            DeviceChoice::Gpu => gpu(true),
            DeviceChoice::Auto => gpu(false),
        };
        match (found, choice) {
            (Ok((tensors, gpu)), _) => {
                let description = if gpu.software {
                    message!("device.software-gpu", name = &gpu.name)
                } else {
                    message!("device.gpu", name = &gpu.name)
                };
                Ok(Self { tensors, gpu: Some(gpu), description })
            }
            (Err(reason), DeviceChoice::Gpu) => Err(DeviceError::NoGpu(reason)),
            (Err(reason), _) => {
                Ok(Self { description: message!("device.cpu-because", why = reason), ..Self::cpu() })
            }
        }
    }
}

/// The devices that a training run is split over, and one phrase that says which. A choice
/// of [`DeviceChoice::Auto`] takes up to `count` real GPUs, or the CPU once; on the CPU alone
/// `count` parts of a step are worked out side by side.
///
/// # Errors
///
/// If GPUs are asked for that are not there or do not work.
pub fn training_devices(choice: &TrainingChoice, count: usize) -> Result<(Vec<Device>, String), DeviceError> {
    let count = count.max(1);
    let kinds = match choice {
        TrainingChoice::Kind(DeviceChoice::Cpu) => {
            let parts = if count > 1 { format!("CPU, {count} parts") } else { "CPU".to_owned() };
            return Ok((vec![Device::flex(); count], parts));
        }
        TrainingChoice::Kind(choice) if count == 1 => {
            let compute = Compute::choose(*choice)?;
            return Ok((vec![compute.tensors], compute.description.to_string()));
        }
        TrainingChoice::Kind(choice) => {
            let mut kinds = gpus();
            if *choice == DeviceChoice::Auto {
                kinds.retain(|kind| *kind != DeviceKind::Cpu);
                if kinds.is_empty() {
                    let compute = Compute::choose(DeviceChoice::Auto)?;
                    return Ok((vec![compute.tensors], compute.description.to_string()));
                }
            } else if kinds.len() < count {
                return Err(DeviceError::NoSuchGpu { wanted: count - 1, count: kinds.len() });
            }
            kinds.truncate(count);
            kinds
        }
        TrainingChoice::Gpus(places) => {
            let kinds = gpus();
            let kind = |&wanted: &usize| {
                kinds.get(wanted).cloned().ok_or(DeviceError::NoSuchGpu { wanted, count: kinds.len() })
            };
            places.iter().map(kind).collect::<Result<_, _>>()?
        }
    };
    let mut devices = Vec::new();
    let mut names = Vec::new();
    for kind in kinds {
        let (device, name) = opened(kind)?;
        devices.push(device);
        names.push(name);
    }
    Ok((devices, names.join(", ")))
}

/// The GPUs that there are: real ones, fastest kinds first, else one in software.
fn gpus() -> Vec<DeviceKind> {
    // Drivers are looked for by one thread at a time.
    let _made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let there = catch_unwind(|| Device::enumerate(DeviceType::Wgpu).into_vec()).unwrap_or_default();
    let of_kind = |kind: fn(usize) -> DeviceKind| {
        (0..).map(kind).take_while(|kind| there.contains(&Device::wgpu(kind.clone()))).collect::<Vec<_>>()
    };
    let kinds = [DeviceKind::DiscreteGpu, DeviceKind::IntegratedGpu, DeviceKind::VirtualGpu];
    let real: Vec<DeviceKind> = kinds.into_iter().flat_map(of_kind).collect();
    match real.is_empty() && there.contains(&Device::wgpu(DeviceKind::Cpu)) {
        true => vec![DeviceKind::Cpu],
        false => real,
    }
}

/// A GPU of that kind, made to work once, and its name.
fn opened(kind: DeviceKind) -> Result<(Device, String), DeviceError> {
    let software = if kind == DeviceKind::Cpu { "software " } else { "" };
    if kind == DeviceKind::Cpu {
        try_few_kernels();
    }
    let shown = format!("{kind:?}");
    let open = AssertUnwindSafe(|| {
        let device = Device::wgpu(kind);
        device.sync().map_err(Message::foreign)?;
        let name = device.identity().map_or(shown.clone(), |identity| identity.name);
        Ok((device, format!("{software}GPU {name}")))
    });
    catch_unwind(open)
        .unwrap_or_else(|_| Err(message!("device.driver-of", name = &shown)))
        .map_err(DeviceError::NoGpu)
}

/// The GPU, once it has been made. Burn can set it up only once in a process. The lock is
/// also what keeps two threads from opening graphics drivers at once, which some Vulkan
/// loaders do not survive.
static MADE: Mutex<Option<(Device, Gpu)>> = Mutex::new(None);

/// The GPU, or why there is none.
fn gpu(software_too: bool) -> Result<(Device, Gpu), Message> {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((device, gpu)) = made.as_ref() {
        return if gpu.software && !software_too {
            Err(only_software(&gpu.name))
        } else {
            Ok((device.clone(), gpu.clone()))
        };
    }
    // A driver may panic on the way; the CPU is still there then.
    let opened = catch_unwind(AssertUnwindSafe(|| open(software_too)))
        .unwrap_or_else(|_| Err(message!("device.driver")))?;
    Ok(made.insert(opened).clone())
}

fn only_software(name: &str) -> Message {
    message!("device.only-software", name)
}

/// Opens the GPU through Burn, after a look at what adapters there are.
fn open(software_too: bool) -> Result<(Device, Gpu), Message> {
    // OpenGL cannot run the networks, and its drivers complain aloud where there is no display.
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let adapters: Vec<wgpu::AdapterInfo> =
        pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY))
            .iter()
            .map(wgpu::Adapter::get_info)
            .collect();
    drop(instance);
    let Some(first) = adapters.first() else {
        return Err(message!("device.no-adapter"));
    };
    if adapters.iter().all(is_software) {
        if !software_too {
            return Err(only_software(&first.name));
        }
        try_few_kernels();
    }

    let (device, setup) = Device::wgpu_options().init_with_setup().map_err(Message::foreign)?;
    let info = setup.adapter.get_info();
    let gpu = Gpu {
        instance: setup.instance,
        adapter: setup.adapter,
        device: setup.device,
        queue: setup.queue,
        name: format!("{} ({})", info.name, info.backend),
        software: is_software(&info),
    };
    Ok((device, gpu))
}

/// Has Burn run each kernel once where it chooses between several: on a GPU in software all the
/// trials take longer than the best kernel saves. What the user set in Burn's own variables goes
/// before this; a choice made earlier in the process stays.
fn try_few_kernels() {
    let mut config = CubeClRuntimeConfig::from_current_dir();
    config.autotune.level = AutotuneLevel::Minimal;
    config.autotune.bench.min_samples = 1;
    config.autotune.bench.max_samples = 1;
    CubeClRuntimeConfig::try_set(config.override_from_env());
}

/// Whether an adapter draws on the CPU.
fn is_software(info: &wgpu::AdapterInfo) -> bool {
    info.device_type == wgpu::DeviceType::Cpu || names_software(&info.name)
}

fn names_software(adapter: &str) -> bool {
    let name = adapter.to_lowercase();
    ["llvmpipe", "lavapipe", "swiftshader", "softpipe", "basic render"].iter().any(|s| name.contains(s))
}

/// Whether tensors on that device live on a GPU that is in truth the CPU. There each new shape of
/// a product takes seconds, since several kernels are compiled for it and tried.
pub(super) fn is_software_gpu(device: &Device) -> bool {
    device.identity().is_some_and(|identity| names_software(&identity.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_written_as_it_is_read() {
        for choice in [DeviceChoice::Auto, DeviceChoice::Gpu, DeviceChoice::Cpu] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        let error = "tpu".parse::<DeviceChoice>().unwrap_err();
        assert_eq!(error.to_string(), "there is no device \"tpu\": it is auto, gpu or cpu");
    }

    #[test]
    fn several_gpus_are_named_by_their_places() {
        assert_eq!("gpu:1, gpu:0".parse(), Ok(TrainingChoice::Gpus(vec![1, 0])));
        assert_eq!("cpu".parse(), Ok(TrainingChoice::Kind(DeviceChoice::Cpu)));
        for wrong in ["gpu:", "gpu:0,cpu", "2"] {
            let said = wrong.parse::<TrainingChoice>().unwrap_err().to_string();
            assert!(said.contains("gpu:0,gpu:1"), "{said}");
        }
        let (devices, said) = training_devices(&TrainingChoice::Kind(DeviceChoice::Cpu), 3).unwrap();
        assert_eq!((devices.len(), said.as_str()), (3, "CPU, 3 parts"));
        let missing = training_devices(&TrainingChoice::Gpus(vec![0, 99]), 1).unwrap_err().to_string();
        assert!(missing.contains("gpu:99") || missing.contains("gpu:0"), "{missing}");
    }

    #[test]
    fn the_choice_never_fails_unless_the_gpu_is_asked_for() {
        assert_eq!(Compute::choose(DeviceChoice::Cpu).unwrap().description.to_string(), "CPU");
        let auto = Compute::choose(DeviceChoice::Auto).unwrap();
        println!("auto: {}", auto.description);
        assert!(!auto.description.to_string().is_empty());
        assert!(auto.gpu.is_none_or(|gpu| !gpu.software));
    }
}

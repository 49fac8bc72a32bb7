//! A module on several devices: its weights, and the gradients that each finds.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Tensor};

/// The sum of the gradients that several devices found for forks of a module, on the device
/// of the module.
pub fn sum_gradients<M: Module>(module: &M, found: Vec<GradientsParams>, device: &Device) -> GradientsParams {
    let mut sum = GradientsAccumulator::new();
    for gradients in found {
        sum.accumulate(module, gradients.to_device(device, module));
    }
    sum.grads()
}

/// A new module on a device, its weights drawn on the CPU that it was made on: devices draw in
/// ways of their own, and a weight that is not drawn yet would be drawn where it is first used.
pub fn drawn_on_cpu<M: Module>(module: M, device: &Device) -> M {
    module.visit(&mut Drawn);
    module.fork(device)
}

struct Drawn;

impl ModuleVisitor for Drawn {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        param.val();
    }
}

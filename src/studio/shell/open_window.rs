//! The studio in a window of the desktop.

use std::path::PathBuf;

use eframe::NativeOptions;
use egui::ViewportBuilder;

use super::studio::{Start, Studio};
use ziyin_session::settings::Settings;
use ziyin_session::{crash, log};

/// Opens the studio, on a song if one is named, and returns when its window is closed.
///
/// # Errors
/// If there is no screen, or nothing that can draw on it.
pub fn open_window(song: Option<PathBuf>) -> anyhow::Result<()> {
    open(Start::of_user(song))
}

/// Opens the studio on the song of the plug-in that started this program, at the other end of its standard
/// input.
///
/// # Errors
/// As [`open_window`].
pub fn open_attached() -> anyhow::Result<()> {
    #[cfg(unix)]
    let attach = ziyin_session::attachment::Attachment::of_stdin;
    #[cfg(not(unix))]
    let attach = |_| Err(std::io::ErrorKind::Unsupported.into());
    open(Start { attach: Some(Box::new(attach)), ..Start::of_user(None) })
}

fn open(start: Start) -> anyhow::Result<()> {
    log::begin();
    crash::watch(start.home.clone());
    let settings = Settings::load(&start.home);
    // What is drawn larger needs a larger window, as far as the screen has room for it.
    let zoom = settings.zoom().max(1.0);
    let options = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Ziyin")
            .with_app_id("ziyin")
            .with_icon(icon())
            .with_inner_size([1280.0 * zoom, 800.0 * zoom])
            .with_clamp_size_to_monitor_size(true)
            .with_min_inner_size([640.0, 400.0])
            .with_drag_and_drop(true),
        wgpu_options: wgpu_options(settings.gpu),
        persistence_path: Some(start.home.join("window.ron")),
        // Panels keep their sizes; the place of dialogs is not worth keeping.
        persist_window: true,
        ..NativeOptions::default()
    };
    eframe::run_native(
        "ziyin",
        options,
        Box::new(|context| {
            let mut studio = Studio::new(&context.egui_ctx, start);
            if let Some(render) = &context.wgpu_render_state {
                studio.draw_with(render);
            }
            Ok(Box::new(studio))
        }),
    )
    .map_err(|error| anyhow::anyhow!("the window cannot be opened: {error}"))
}

/// The picture of the window, where desktops show one.
fn icon() -> egui::IconData {
    eframe::icon_data::from_png_bytes(include_bytes!("../../../assets/desktop/ziyin.png")).unwrap_or_default()
}

/// The window draws on the GPU that sings, so that there is one of them.
fn wgpu_options(gpu: bool) -> egui_wgpu::WgpuConfiguration {
    use egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupExisting};
    use ziyin_model::device::{Compute, DeviceChoice};

    let mut options = WgpuConfiguration::default();
    if gpu
        && let Ok(compute) = Compute::choose(DeviceChoice::Auto)
        && let Some(gpu) = compute.gpu
    {
        options.wgpu_setup = WgpuSetup::Existing(WgpuSetupExisting {
            instance: gpu.instance,
            adapter: gpu.adapter,
            device: gpu.device,
            queue: gpu.queue,
        });
    }
    options
}

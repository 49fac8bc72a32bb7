//! What the audio thread does: a tenth of a second of mix, at 44.1 kHz and at the rate of
//! most sound cards. It must be done long before a tenth of a second has passed.

use std::sync::Arc;

use divan::Bencher;
use rtrb::RingBuffer;
use ziyin_playback::{Clip, Clips, Engine, Lane, Order, RATE, State, Timeline};

fn main() {
    divan::main();
}

/// So many lanes of ten minutes, in pieces of half a second that overlap a little.
fn mix(lanes: usize) -> Timeline {
    let piece: Arc<[f32]> = (0..22_306).map(|i| (i as f32 * 0.03).sin() * 0.1).collect();
    let clips: Vec<Clip> = (0..1200).map(|i| Clip::mono(i * 22_050, piece.clone())).collect();
    let lane = Lane { clips: Arc::new(Clips::new(clips)), gains: [0.7, 0.6], room: 0.0 };
    Timeline { lanes: vec![lane; lanes], ..Default::default() }
}

#[divan::bench(args = [1, 8, 32], consts = [44_100, 48_000])]
fn a_tenth_of_a_second<const DEVICE: u32>(bencher: Bencher, lanes: usize) {
    let (mut orders, inbox) = RingBuffer::new(16);
    let (out, _retired) = RingBuffer::new(64);
    let mut engine = Engine::new(DEVICE, inbox, out, Arc::new(State::default()));
    for order in [
        Order::Timeline(Arc::new(mix(lanes))),
        Order::Loop(Some(u64::from(RATE)..300 * u64::from(RATE))),
        Order::Play { count_in: 0, beat: 0 },
    ] {
        assert!(orders.push(order).is_ok());
    }
    let mut buffer = vec![0.0; DEVICE as usize / 10 * 2];
    bencher.bench_local(move || engine.process(&mut buffer, 2));
}

/// What an edit costs the audio thread: another mix takes the place of the one that plays.
#[divan::bench]
fn a_mix_takes_the_place_of_another(bencher: Bencher) {
    let (mut orders, inbox) = RingBuffer::new(16);
    let (out, mut retired) = RingBuffer::new(64);
    let mut engine = Engine::new(RATE, inbox, out, Arc::new(State::default()));
    assert!(orders.push(Order::Play { count_in: 0, beat: 0 }).is_ok());
    let mix = mix(8);
    let mut buffer = vec![0.0; 2 * 1024];
    bencher.bench_local(move || {
        while retired.pop().is_ok() {}
        assert!(orders.push(Order::Timeline(Arc::new(mix.clone()))).is_ok());
        engine.process(&mut buffer, 2);
    });
}

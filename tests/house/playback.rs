//! The transport without a sound card: what the audio thread would play.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use proptest::prelude::*;
use rtrb::{Consumer, Producer, RingBuffer};
use ziyin_playback::{BeatRun, Clip, Clips, Engine, Lane, Order, RATE, State, Timeline};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

/// A transport, and the orders that it gets.
pub struct Desk {
    engine: Engine,
    orders: Producer<Order>,
    pub retired: Consumer<Arc<Timeline>>,
    pub state: Arc<State>,
}

impl Desk {
    pub fn new(rate: u32) -> Self {
        let (orders, inbox) = RingBuffer::new(64);
        let (out, retired) = RingBuffer::new(64);
        let state = Arc::new(State::default());
        Self { engine: Engine::new(rate, inbox, out, state.clone()), orders, retired, state }
    }

    pub fn order(&mut self, order: Order) {
        assert!(self.orders.push(order).is_ok());
    }

    /// Plays so many frames and gives the left side.
    pub fn play(&mut self, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; 2 * frames];
        for part in out.chunks_mut(2 * 512) {
            assert_no_alloc(|| self.engine.process(part, 2));
        }
        out.chunks(2).map(|frame| frame[0]).collect()
    }
}

/// A slow tone over ten seconds: any leap in it is a click.
fn tone(level: f32) -> Arc<Timeline> {
    let samples: Vec<f32> = (0..10 * RATE)
        .map(|i| level * (std::f32::consts::TAU * 110.0 * i as f32 / RATE as f32).sin())
        .collect();
    let clips = Arc::new(Clips::new(vec![Clip::mono(0, samples.into())]));
    let lane = Lane { clips, gains: [1.0, 0.5], room: 0.0 };
    Arc::new(Timeline { lanes: vec![lane], ..Default::default() })
}

fn largest_leap(sound: &[f32]) -> f32 {
    sound.windows(2).fold(0.0, |most, pair| most.max((pair[1] - pair[0]).abs()))
}

#[test]
fn nothing_that_happens_while_it_plays_clicks_or_allocates() {
    let mut desk = Desk::new(RATE);
    desk.order(Order::Timeline(tone(0.5)));
    desk.order(Order::Play { count_in: 0, beat: 0 });
    let mut sound = desk.play(20_000);
    desk.order(Order::Timeline(tone(0.1)));
    sound.extend(desk.play(20_000));
    desk.order(Order::Seek { frame: 123_456, ticket: 7 });
    sound.extend(desk.play(20_000));
    desk.order(Order::Loop(Some(150_000..160_000)));
    sound.extend(desk.play(40_000));
    desk.order(Order::Pause);
    sound.extend(desk.play(5_000));
    // The tone itself moves by 0.008 from frame to frame, a fade of 5 ms by a little more.
    assert!(largest_leap(&sound) < 0.014, "{}", largest_leap(&sound));
    assert!(sound[10_000..20_000].iter().any(|x| x.abs() > 0.45));
    assert!(sound[sound.len() - 1000..].iter().all(|&x| x == 0.0));
    assert!((150_000..160_000 + 512).contains(&desk.state.position.load(Relaxed)));
    // The timeline that was replaced comes back to be dropped here.
    assert!(desk.retired.pop().is_ok());
}

#[test]
fn the_first_sound_comes_at_once_and_the_position_is_told() {
    let mut desk = Desk::new(48_000);
    desk.order(Order::Timeline(tone(0.5)));
    desk.play(4_800);
    assert_eq!(desk.state.position.load(Relaxed), 0);
    desk.order(Order::Play { count_in: 0, beat: 0 });
    let sound = desk.play(48_000);
    assert!(sound[..2_400].iter().any(|x| x.abs() > 0.2));
    let position = desk.state.position.load(Relaxed) as i64;
    assert!((position - i64::from(RATE)).abs() < 200, "{position}");
    assert!(desk.state.lane_peak(0) > 0.45 && desk.state.master_peak()[1] < 0.3);
    assert_eq!(desk.state.lane_peak(0), 0.0);
}

#[test]
fn a_count_in_clicks_before_the_song_begins() {
    let mut desk = Desk::new(RATE);
    let beats =
        [BeatRun { frame: 0.0, distance: 22_050.0, count: 2, place: 0, bar: 4 }].into_iter().collect();
    desk.order(Order::Timeline(Arc::new(Timeline { beats, ..Default::default() })));
    desk.order(Order::Play { count_in: 2, beat: 22_050 });
    let sound = desk.play(4 * 22_050);
    let clicks = |range: std::ops::Range<usize>| sound[range].iter().any(|x| x.abs() > 0.1);
    for beat in 0..4 {
        assert!(clicks(beat * 22_050..beat * 22_050 + 2000), "beat {beat}");
        assert!(!clicks(beat * 22_050 + 12_000..beat * 22_050 + 20_000), "beat {beat}");
    }
    assert!(desk.state.position.load(Relaxed) < 2 * 22_050 + 200);
}

#[test]
fn a_key_sounds_while_it_is_held() {
    let mut desk = Desk::new(RATE);
    desk.order(Order::Sound(Some(440.0)));
    let held = desk.play(22_050);
    assert!(held[4_000..].iter().any(|x| x.abs() > 0.1));
    desk.order(Order::Sound(None));
    let after = desk.play(44_100);
    assert!(after[40_000..].iter().all(|x| x.abs() < 1e-3));
    assert!(largest_leap(&[held, after].concat()) < 0.05);
}

#[test]
fn a_key_that_is_sung_dies_away_when_it_is_let_go_of() {
    let mut desk = Desk::new(RATE);
    desk.order(Order::Key(Some(tone(0.4))));
    let held = desk.play(22_050);
    assert!(held[2_000..].iter().any(|x| x.abs() > 0.35));
    // Another key takes its place, and is let go of.
    desk.order(Order::Key(Some(tone(0.3))));
    let other = desk.play(10_000);
    desk.order(Order::Key(None));
    let after = desk.play(20_000);
    assert!(after[2_000..3_000].iter().any(|x| x.abs() > 0.1), "it has a tail");
    assert!(after[7_000..].iter().all(|&x| x == 0.0));
    assert!(largest_leap(&[held, other, after].concat()) < 0.02);
    assert_eq!(desk.state.lane_peak(0), 0.0, "the meters are those of the song");
    assert!(desk.retired.pop().is_ok() && desk.retired.pop().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is asked for, in whatever order, at whatever rate.
    #[test]
    fn no_order_of_orders_clicks_or_allocates(
        rate in prop::sample::select(vec![RATE, 48_000, 96_000]),
        steps in prop::collection::vec((0u8..8, 0u64..400_000, 16usize..3000), 1..60),
    ) {
        let mut desk = Desk::new(rate);
        let mixes = [tone(0.5), tone(0.1), tone(0.3)];
        desk.order(Order::Timeline(mixes[0].clone()));
        let mut sound = Vec::new();
        for (step, at, frames) in steps {
            desk.order(match step {
                0 => Order::Timeline(mixes[at as usize % 3].clone()),
                1 | 2 => Order::Play { count_in: 0, beat: 0 },
                3 => Order::Pause,
                5 => Order::Key(Some(mixes[at as usize % 3].clone())),
                6 => Order::Key(None),
                4 => Order::Seek { frame: at, ticket: at as u32 },
                _ => Order::Loop(Some(at..at + 1024 + at % 5000)),
            });
            sound.extend(desk.play(frames));
            while desk.retired.pop().is_ok() {}
        }
        // Each of the sounds that may fade at once moves by 0.009 from frame to frame at most;
        // a click would be as large as the tone.
        prop_assert!(largest_leap(&sound) < 0.07, "{}", largest_leap(&sound));
        prop_assert!(sound.iter().all(|x| x.abs() <= 4.0));
    }
}

#[test]
fn a_mix_that_is_too_loud_stays_below_full_scale_and_is_told() {
    for rate in [RATE, 48_000] {
        let mut desk = Desk::new(rate);
        desk.order(Order::Timeline(tone(2.5)));
        desk.order(Order::Play { count_in: 0, beat: 0 });
        let sound = desk.play(40_000);
        assert!(sound.iter().all(|x| x.abs() <= 1.0), "at {rate} Hz");
        assert!(sound[10_000..].iter().any(|x| x.abs() > 0.9), "it is not turned down by more than it must");
        assert!(desk.state.master_peak()[0] > 2.4, "the meter tells how loud it would be");
        assert!((desk.state.limiter_gain() - 0.966 / 2.5).abs() < 0.01);
        // The shape of the tone is kept: a limiter that clips would leave it flat.
        let flat = sound[20_000..].windows(2).filter(|w| w[0] == w[1] && w[0].abs() > 0.5).count();
        assert!(flat < 20, "{flat} samples are flat");
        desk.order(Order::Timeline(tone(0.5)));
        desk.play(3 * rate as usize);
        desk.state.limiter_gain();
        desk.play(rate as usize);
        assert_eq!(desk.state.limiter_gain(), 1.0, "it comes back to where it takes nothing");
    }
}

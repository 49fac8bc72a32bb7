//! How long a consonant and a coda are.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor, activation::relu};

use super::character::{
    LANGUAGE, LANGUAGE_ROWS, NEXT, PHONEME_ROWS, PREVIOUS, SINGER_PLACE, SLOTS, TAIL, look_up,
};
use ziyin_lyrics::Phoneme;

/// Numbers per character: pitch, and the logarithm of the seconds from vowel to end.
pub const DURATION_NUMBERS: usize = 2;
/// What it predicts: closure, consonant after it, coda.
pub const SPANS: usize = 3;

/// Sizes of a [`DurationNet`].
#[derive(Config, Debug)]
pub struct DurationConfig {
    pub singers: usize,
    #[config(default = 96)]
    pub channels: usize,
}

/// From phonemes, language, pitch, length and silence on either side to the spans before and
/// after the nucleus. Three layers each: there are a few thousand examples and nothing far to see.
///
/// Neighbours are silence or sound and no more, and each side hears of its own alone. Where a bank
/// records a syllable twice in a row, one has silence before it and is short, the other silence
/// after it and is long, and what stands next is always the syllable itself. A song has what no
/// recording had: a short character between two others, and a network that is told all of it
/// guesses, mostly the long consonants that follow silence.
/// The language is told because what two of them write alike lasts longer in one: *ch* of
/// Japanese and *j* of Mandarin are one phoneme.
#[derive(Module, Debug)]
pub struct DurationNet {
    phonemes: Embedding,
    languages: Embedding,
    singers: Embedding,
    before: Layers,
    after: Layers,
}

#[derive(Module, Debug)]
struct Layers {
    first: Linear,
    second: Linear,
    last: Linear,
}

const PHONEME_WIDTH: usize = 12;
const LANGUAGE_WIDTH: usize = 4;
const SINGER_WIDTH: usize = 8;

impl DurationConfig {
    /// A network with random weights.
    pub fn init(&self, device: &Device) -> DurationNet {
        let layers = |numbers: usize, spans: usize| {
            let told =
                (SLOTS.len() + TAIL.len()) * PHONEME_WIDTH + LANGUAGE_WIDTH + SINGER_WIDTH + 1 + numbers;
            Layers {
                first: LinearConfig::new(told, self.channels).init(device),
                second: LinearConfig::new(self.channels, self.channels).init(device),
                last: LinearConfig::new(self.channels, spans).init(device),
            }
        };
        DurationNet {
            phonemes: EmbeddingConfig::new(PHONEME_ROWS, PHONEME_WIDTH).init(device),
            languages: EmbeddingConfig::new(LANGUAGE_ROWS, LANGUAGE_WIDTH).init(device),
            singers: EmbeddingConfig::new(self.singers, SINGER_WIDTH).init(device),
            before: layers(1, SPANS - 1),
            after: layers(DURATION_NUMBERS, 1),
        }
    }
}

impl DurationNet {
    /// - identities: `[batch, IDENTITIES]`
    /// - numbers: `[batch, DURATION_NUMBERS]`
    ///
    /// Gives `[batch, SPANS]`, each `ln(seconds + 0.01)`.
    pub fn forward(&self, identities: Tensor<2, Int>, numbers: Tensor<2>) -> Tensor<2> {
        let [batch, _] = identities.dims();
        let character = Tensor::cat(
            vec![
                look_up(&self.phonemes, &identities, SLOTS),
                look_up(&self.phonemes, &identities, TAIL),
                look_up(&self.languages, &identities, LANGUAGE..LANGUAGE + 1),
                look_up(&self.singers, &identities, SINGER_PLACE..SINGER_PLACE + 1),
            ],
            1,
        );
        let rest = |at: usize| {
            identities.clone().slice([0..batch, at..at + 1]).equal_elem(Phoneme::Rest.id() as i32).float()
        };
        let pitch = numbers.clone().slice([0..batch, 0..1]);
        let before = Tensor::cat(vec![character.clone(), rest(PREVIOUS), pitch], 1);
        let after = Tensor::cat(vec![character, rest(NEXT), numbers], 1);
        let spans = vec![self.before.forward(before), self.after.forward(after)];
        Tensor::cat(spans, 1)
    }
}

impl Layers {
    fn forward(&self, told: Tensor<2>) -> Tensor<2> {
        self.last.forward(relu(self.second.forward(relu(self.first.forward(told)))))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::character::{IDENTITIES, identities};
    use crate::voice::{duration_numbers, to_vec};
    use ziyin_lyrics::{Language, Syllable};

    #[test]
    fn consonants_are_as_long_whatever_follows() {
        let device = Device::flex();
        device.seed(3);
        let network = DurationConfig::new(1).init(&device);
        let syllable = Syllable {
            language: Language::Mandarin,
            initial: Phoneme::Tsh,
            glide: Phoneme::None,
            nucleus: Phoneme::A,
            coda: Phoneme::J,
            tone: 0,
            tail: Syllable::NO_TAIL,
        };
        let asked = [([Phoneme::Rest; 2], 0.9), ([Phoneme::M, Phoneme::A], 0.3)];
        let ids: Vec<i32> = asked
            .iter()
            .flat_map(|&(next, _)| identities(&syllable, [Phoneme::A, Phoneme::N], next, 0, 0))
            .collect();
        let numbers: Vec<f32> =
            asked.iter().flat_map(|&(_, length)| duration_numbers(60.0, length)).collect();
        let spans = network.forward(
            Tensor::from_data(TensorData::new(ids, [2, IDENTITIES]), &device),
            Tensor::from_data(TensorData::new(numbers, [2, DURATION_NUMBERS]), &device),
        );
        let spans: Vec<f32> = to_vec(spans.into_data()).unwrap();
        let (last, inner) = spans.split_at(SPANS);
        assert_eq!(last[..2], inner[..2]);
        assert_ne!(last[2], inner[2]);
    }
}

//! What a plug-in and its studio say to each other. Each message is a length of four bytes, the least first,
//! then a line of JSON, and behind a song's line the text of its `.ziyin` file.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use ziyin_score::Project;

/// Bytes that a message has at most, without its length.
const MOST_BYTES: u32 = 64 << 20;

/// Where the DAW is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// From the start of the song.
    pub seconds: f64,
    pub playing: bool,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// The song as it is from now on. The plug-in counts the songs that it tells of; the studio gives the number
    /// of the last that it was told of, so that one who has not heard the other yet is known.
    Song { number: u64, song: Box<Project> },
    /// By the plug-in, while the DAW moves.
    Place(Place),
    /// By the plug-in: the window is to come to the front.
    Show,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Song(u64),
    Place(Place),
    Show,
}

impl Said {
    /// Writes the message, all at once.
    ///
    /// # Errors
    /// Those of the writer, and if the song is too large for a message.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut bytes = vec![0; 4];
        let line = match self {
            Said::Song { number, .. } => Line::Song(*number),
            Said::Place(place) => Line::Place(*place),
            Said::Show => Line::Show,
        };
        serde_json::to_writer(&mut bytes, &line)?;
        if let Said::Song { song, .. } = self {
            bytes.push(b'\n');
            song.write_json(&mut bytes)?;
        }
        let length = u32::try_from(bytes.len() - 4).ok().filter(|&length| length <= MOST_BYTES);
        let length = length.ok_or_else(|| invalid("the song is too large for the studio of a plug-in"))?;
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        out.write_all(&bytes)?;
        out.flush()
    }

    /// Reads the next message; `None` where the other has ended.
    ///
    /// # Errors
    /// Those of the reader, and if it is no message.
    pub fn read(source: &mut impl Read) -> io::Result<Option<Self>> {
        let mut length = Vec::with_capacity(4);
        source.take(4).read_to_end(&mut length)?;
        let Ok(length) = <[u8; 4]>::try_from(length.as_slice()) else { return Ok(None) };
        let length = u32::from_le_bytes(length);
        if length > MOST_BYTES {
            return Err(invalid(format!("a message of {length} bytes")));
        }
        // What comes is taken as it comes: a length alone asks for no memory.
        let mut bytes = Vec::new();
        source.take(length.into()).read_to_end(&mut bytes)?;
        if bytes.len() < length as usize {
            return Ok(None);
        }
        let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
        let line = serde_json::from_slice(&bytes[..end]).map_err(|error| invalid(error.to_string()))?;
        Ok(Some(match line {
            Line::Song(number) => {
                let text = bytes.get(end + 1..).unwrap_or_default();
                let song = Project::from_json(text).map_err(|error| invalid(error.to_string()))?;
                Said::Song { number, song: Box::new(song) }
            }
            Line::Place(place) if place.seconds.is_finite() => Said::Place(place),
            Line::Place(_) => return Err(invalid("a place that is nowhere")),
            Line::Show => Said::Show,
        }))
    }
}

fn invalid(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_through_one_after_the_other() {
        let song = Box::new(Project { title: "two\nlines".into(), ..Project::default() });
        let place = Place { seconds: 12.25, playing: true };
        let all = [Said::Show, Said::Song { number: 7, song }, Said::Place(place), Said::Show];
        let mut bytes = Vec::new();
        all.iter().for_each(|said| said.write(&mut bytes).unwrap());
        let mut source = bytes.as_slice();
        for said in &all {
            assert_eq!(Said::read(&mut source).unwrap().as_ref(), Some(said));
        }
        assert_eq!(Said::read(&mut source).unwrap(), None);
        // One that breaks off is the end.
        for length in 1..bytes.len() {
            let mut source = &bytes[..length];
            while let Some(said) = Said::read(&mut source).unwrap() {
                assert!(all.contains(&said));
            }
        }
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let framed = |text: &[u8]| {
            let mut bytes = (text.len() as u32).to_le_bytes().to_vec();
            bytes.extend(text);
            Said::read(&mut bytes.as_slice())
        };
        for text in [
            b"".as_slice(),
            b"null",
            b"\"hide\"",
            b"{\"song\":1}",
            b"{\"song\":1}\n{\"ziyin\": 1}",
            b"{\"place\":{\"seconds\":1e999,\"playing\":true}}",
            &[0xff; 40],
        ] {
            assert!(framed(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
        assert!(Said::read(&mut u32::MAX.to_le_bytes().as_slice()).is_err());
    }
}

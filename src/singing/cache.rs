//! Generated frames under the key of what they depend on, so that an edit generates anew
//! only what it touches, and a chorus is generated once.

use std::collections::HashMap;
use std::sync::Arc;

use super::character::Block;

/// Blocks by [`Character::key`](super::Character::key), those forgotten first that were
/// not asked for the longest.
#[derive(Debug)]
pub struct BlockCache {
    blocks: HashMap<u64, (Arc<Block>, u64)>,
    /// Bytes that the blocks take, and may take.
    bytes: usize,
    limit: usize,
    /// Counts the questions.
    now: u64,
}

impl Default for BlockCache {
    /// A cache of 192 MB: some three minutes of singing.
    fn default() -> Self {
        Self::new(192 << 20)
    }
}

impl BlockCache {
    /// A cache that holds `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { blocks: HashMap::new(), bytes: 0, limit, now: 0 }
    }

    pub fn get(&mut self, key: u64) -> Option<Arc<Block>> {
        self.now += 1;
        let (block, asked) = self.blocks.get_mut(&key)?;
        *asked = self.now;
        Some(block.clone())
    }

    pub fn insert(&mut self, key: u64, block: Arc<Block>) {
        self.now += 1;
        self.bytes += size(&block);
        if let Some((old, _)) = self.blocks.insert(key, (block, self.now)) {
            self.bytes -= size(&old);
        }
        if self.bytes > self.limit {
            self.forget();
        }
    }

    /// Forgets the older ones until a quarter of the room is free: seldom, but thoroughly.
    fn forget(&mut self) {
        let mut ages: Vec<(u64, u64)> = self.blocks.iter().map(|(&key, (_, asked))| (*asked, key)).collect();
        ages.sort_unstable();
        for (_, key) in ages {
            if self.bytes <= self.limit / 4 * 3 {
                break;
            }
            if let Some((old, _)) = self.blocks.remove(&key) {
                self.bytes -= size(&old);
            }
        }
    }
}

fn size(block: &Block) -> usize {
    let frames = &block.frames;
    4 * (frames.envelope.len() + frames.aperiodicity.len() + frames.voicing.len() + block.times.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_signal::Frames;

    fn block(values: usize) -> Arc<Block> {
        Arc::new(Block {
            times: Vec::new(),
            frames: Frames { envelope: vec![0.0; values], ..Default::default() },
        })
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut cache = BlockCache::new(4000);
        for key in 0..10 {
            cache.insert(key, block(100));
        }
        assert!(cache.get(0).is_some());
        cache.insert(10, block(100));
        assert!(cache.get(0).is_some() && cache.get(10).is_some());
        assert!(cache.get(1).is_none() && cache.bytes <= 4000);
    }
}

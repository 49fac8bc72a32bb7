//! Triangles with colours and textures as pixels, without a GPU.

use std::collections::HashMap;
use std::ops::Range;

use egui::epaint::{ClippedPrimitive, ColorImage, ImageData, Primitive, Vertex};
use egui::{Color32, Rect, TextureId, TexturesDelta};

/// Parts of a pixel that corners are rounded to, so that edges are told exactly.
const PARTS: f32 = 256.0;
/// No corner lies further away, in pixels.
const FURTHEST: f32 = 16_384.0;

/// A picture that triangles are painted on.
pub struct Canvas {
    /// Width and height in pixels.
    size: [usize; 2],
    pixels: Vec<Color32>,
    textures: HashMap<TextureId, ColorImage>,
}

/// A corner of a triangle.
#[derive(Clone, Copy)]
struct Corner {
    /// In parts of a pixel.
    at: [i64; 2],
    /// In pixels of the texture.
    texel: [f32; 2],
    colour: [f32; 4],
}

impl Canvas {
    pub fn new(size: [usize; 2]) -> Self {
        Self { size, pixels: vec![Color32::BLACK; size[0] * size[1]], textures: HashMap::new() }
    }

    /// The pixels, row by row from the top.
    pub fn pixels(&self) -> &[Color32] {
        &self.pixels
    }

    /// Paints everything anew.
    pub fn paint(&mut self, primitives: &[ClippedPrimitive], mut textures: TexturesDelta, scale: f32) {
        for (id, changes) in std::mem::take(&mut textures.set) {
            for change in changes {
                let ImageData::Color(image) = change.image;
                match change.pos {
                    None => drop(self.textures.insert(id, ColorImage::clone(&image))),
                    Some(place) => self.patch(id, place, &image),
                }
            }
        }
        self.pixels.fill(Color32::BLACK);
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = self.clip(*clip_rect, scale);
            let corner = |&index: &u32| mesh.vertices.get(index as usize).map(|v| corner(v, scale, texture));
            for triangle in mesh.indices.chunks_exact(3) {
                let mut corners = triangle.iter().filter_map(corner);
                if let (Some(a), Some(b), Some(c)) = (corners.next(), corners.next(), corners.next()) {
                    fill(&mut self.pixels, self.size[0], &clip, texture, [a, b, c]);
                }
            }
        }
        for id in &textures.free {
            self.textures.remove(id);
        }
    }

    /// Puts a piece of a texture in its place.
    fn patch(&mut self, id: TextureId, [left, top]: [usize; 2], piece: &ColorImage) {
        let Some(texture) = self.textures.get_mut(&id) else { return };
        let [width, _] = texture.size;
        for (row, line) in piece.pixels.chunks_exact(piece.size[0].max(1)).enumerate() {
            let start = (top + row) * width + left;
            if left + line.len() <= width
                && let Some(place) = texture.pixels.get_mut(start..start + line.len())
            {
                place.copy_from_slice(line);
            }
        }
    }

    /// The columns and rows of a rectangle in points.
    fn clip(&self, rect: Rect, scale: f32) -> [Range<i64>; 2] {
        let range = |from: f32, to: f32, most: usize| {
            let within = |edge: f32| (edge * scale).round().clamp(0.0, most as f32) as i64;
            within(from)..within(to)
        };
        [range(rect.min.x, rect.max.x, self.size[0]), range(rect.min.y, rect.max.y, self.size[1])]
    }
}

fn corner(vertex: &Vertex, scale: f32, texture: &ColorImage) -> Corner {
    let parts = |points: f32| ((points * scale).clamp(-FURTHEST, FURTHEST) * PARTS).round() as i64;
    Corner {
        at: [parts(vertex.pos.x), parts(vertex.pos.y)],
        texel: [vertex.uv.x * texture.size[0] as f32, vertex.uv.y * texture.size[1] as f32],
        colour: vertex.color.to_array().map(f32::from),
    }
}

/// On which side of the line from `a` to `b` a point lies: positive on the right as one looks along it.
fn side(a: [i64; 2], b: [i64; 2], point: [i64; 2]) -> i64 {
    (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
}

/// Fills a triangle. A pixel belongs to it if its middle does; of two triangles that share an edge through it
/// it belongs to one.
fn fill(
    pixels: &mut [Color32],
    width: usize,
    clip: &[Range<i64>; 2],
    texture: &ColorImage,
    mut corners: [Corner; 3],
) {
    let parts = PARTS as i64;
    let mut area = side(corners[0].at, corners[1].at, corners[2].at);
    if area < 0 {
        corners.swap(1, 2);
        area = -area;
    }
    if area == 0 {
        return;
    }
    let reach = |axis: usize| {
        let all = corners.map(|corner| corner.at[axis]);
        let (least, most) = (all.iter().min().copied().unwrap_or(0), all.iter().max().copied().unwrap_or(0));
        clip[axis].start.max(least.div_euclid(parts))..clip[axis].end.min(most.div_euclid(parts) + 1)
    };
    let [columns, rows] = [reach(0), reach(1)];
    if columns.is_empty() || rows.is_empty() {
        return;
    }
    // The edge that lies opposite to each corner.
    let edges = [1, 2, 0].map(|i| (corners[i].at, corners[(i + 1) % 3].at));
    // A pixel on an edge belongs to what lies to the right of it or below.
    let bias = edges.map(|(a, b)| {
        let (across, down) = (b[0] - a[0], b[1] - a[1]);
        if down < 0 || (down == 0 && across > 0) { 0 } else { -1 }
    });
    let first = [columns.start * parts + parts / 2, rows.start * parts + parts / 2];
    let mut starts = [0, 1, 2].map(|i| side(edges[i].0, edges[i].1, first) + bias[i]);
    let right = edges.map(|(a, b)| -(b[1] - a[1]) * parts);
    let down = edges.map(|(a, b)| (b[0] - a[0]) * parts);
    let plain = corners[1..]
        .iter()
        .all(|corner| corner.colour == corners[0].colour && corner.texel == corners[0].texel)
        .then(|| colour_at(texture, &corners, [1.0, 0.0, 0.0]));
    let whole = 1.0 / area as f32;
    for row in rows {
        let mut sides = starts;
        let line = row as usize * width;
        for column in columns.clone() {
            if sides.iter().all(|&side| side >= 0)
                && let Some(pixel) = pixels.get_mut(line + column as usize)
            {
                let colour = plain.unwrap_or_else(|| {
                    let weights = [0, 1, 2].map(|i| (sides[i] - bias[i]) as f32 * whole);
                    colour_at(texture, &corners, weights)
                });
                *pixel = pixel.blend(colour);
            }
            sides.iter_mut().zip(right).for_each(|(side, step)| *side += step);
        }
        starts.iter_mut().zip(down).for_each(|(side, step)| *side += step);
    }
}

/// The colour where the corners weigh so much.
fn colour_at(texture: &ColorImage, corners: &[Corner; 3], weights: [f32; 3]) -> Color32 {
    let between = |of: &dyn Fn(&Corner) -> f32| -> f32 {
        corners.iter().zip(weights).map(|(corner, weight)| of(corner) * weight).sum()
    };
    let [x, y] = [0, 1].map(|axis| {
        let at = between(&|corner| corner.texel[axis]).max(0.0) as usize;
        at.min(texture.size[axis].saturating_sub(1))
    });
    let texel = texture.pixels.get(y * texture.size[0] + x).copied().unwrap_or(Color32::WHITE).to_array();
    let [r, g, b, a] = [0, 1, 2, 3].map(|channel| {
        let colour = between(&|corner| corner.colour[channel]);
        (colour * f32::from(texel[channel]) / 255.0).round() as u8
    });
    Color32::from_rgba_premultiplied(r, g, b, a)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use egui::epaint::{ImageDelta, Mesh};
    use egui::{TextureOptions, pos2};

    const ID: TextureId = TextureId::Managed(0);

    /// A texture whose left half is white, and whose right half is half as dense.
    fn texture() -> TexturesDelta {
        let half = Color32::from_rgba_premultiplied(128, 128, 128, 128);
        let image = ColorImage::new([2, 1], vec![Color32::WHITE, half]);
        let delta = ImageDelta::full(ImageData::Color(Arc::new(image)), TextureOptions::NEAREST);
        let mut textures = TexturesDelta::default();
        textures.set.entry(ID).or_default().push(delta);
        textures
    }

    fn painted(scale: f32, clip: Rect, corners: &[[f32; 2]], texel: f32, colour: Color32) -> Canvas {
        let mut mesh = Mesh::with_texture(ID);
        mesh.vertices.extend(corners.iter().map(|&[x, y]| Vertex {
            pos: pos2(x, y),
            uv: pos2(texel, 0.5),
            color: colour,
        }));
        mesh.indices = (1..corners.len() as u32 - 1).flat_map(|i| [0, i, i + 1]).collect();
        let mut canvas = Canvas::new([16, 16]);
        let primitive = Primitive::Mesh(mesh);
        canvas.paint(&[ClippedPrimitive { clip_rect: clip, primitive }], texture(), scale);
        canvas
    }

    const ALL: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(99.0, 99.0) };

    #[test]
    fn a_rectangle_covers_its_pixels_once_whatever_triangles_it_is_made_of() {
        let thin = Color32::from_rgba_premultiplied(0, 60, 0, 60);
        // Two triangles that share the diagonal, in either direction, and a fan of four.
        for corners in [
            &[[2.0, 3.0], [12.0, 3.0], [12.0, 9.0], [2.0, 9.0]][..],
            &[[2.0, 9.0], [12.0, 9.0], [12.0, 3.0], [2.0, 3.0]],
            &[[2.0, 3.0], [7.25, 3.0], [12.0, 3.0], [12.0, 9.0], [2.0, 9.0]],
        ] {
            let canvas = painted(1.0, ALL, corners, 0.1, thin);
            for (i, pixel) in canvas.pixels().iter().enumerate() {
                let inside = (2..12).contains(&(i % 16)) && (3..9).contains(&(i / 16));
                assert_eq!(pixel.g(), if inside { 60 } else { 0 }, "pixel {i}");
            }
        }
    }

    #[test]
    fn what_is_clipped_scaled_or_thin_is_so() {
        let square = [[1.0, 1.0], [5.0, 1.0], [5.0, 5.0], [1.0, 5.0]];
        let clip = Rect { min: pos2(0.0, 0.0), max: pos2(3.0, 99.0) };
        let canvas = painted(2.0, clip, &square, 0.9, Color32::WHITE);
        for (i, pixel) in canvas.pixels().iter().enumerate() {
            let inside = (2..6).contains(&(i % 16)) && (2..10).contains(&(i / 16));
            assert_eq!(pixel.r(), if inside { 128 } else { 0 }, "pixel {i}");
        }
        // Far outside, and with no area.
        let away = [[-1e30, 1.0], [1e30, 1.0], [5.0, 1e30], [f32::NAN, 5.0]];
        painted(1.0, ALL, &away, 0.1, Color32::WHITE);
        let flat = painted(1.0, ALL, &[[1.0, 1.0], [9.0, 1.0], [5.0, 1.0]], 0.1, Color32::WHITE);
        assert!(flat.pixels().iter().all(|pixel| *pixel == Color32::BLACK));
    }
}

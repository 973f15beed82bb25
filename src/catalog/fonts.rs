//! Which characters the bundled fonts have.
//!
//! Comes in: font files. Goes out: a set of code points, so that `check` finds a character without a glyph before any
//! page is set. Needs no Typst.

use super::CatalogError;

/// Code points that at least one bundled face can show.
#[derive(Debug, Clone)]
pub struct Glyphs {
    ranges: Vec<(u32, u32)>,
}

impl Glyphs {
    pub(super) fn of<'f>(fonts: impl Iterator<Item = (&'f str, &'f [u8])>) -> Result<Self, CatalogError> {
        let mut points = Vec::new();
        for (path, bytes) in fonts {
            let face = ttf_parser::Face::parse(bytes, 0)
                .map_err(|error| CatalogError { file: path.to_owned(), message: error.to_string() })?;
            for table in face.tables().cmap.into_iter().flat_map(|cmap| cmap.subtables) {
                if table.is_unicode() {
                    table.codepoints(|point| points.push(point));
                }
            }
        }
        points.sort_unstable();
        points.dedup();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for point in points {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == point => *last = point,
                _ => ranges.push((point, point)),
            }
        }
        Ok(Self { ranges })
    }

    /// Whether a bundled font shows the character.
    #[must_use]
    pub fn has(&self, character: char) -> bool {
        let point = u32::from(character);
        let after = self.ranges.partition_point(|(first, _)| *first <= point);
        after > 0 && self.ranges[after - 1].1 >= point
    }
}

//! Which objects of a pack are deltas of which: a base, and everything derived from it.

/// Means that there is no base.
pub(super) const WHOLE: u32 = u32::MAX;

/// The descent of every object of a pack, by its position in the pack.
pub(super) struct Families {
    bases: Vec<u32>,
    /// The children of object n are `children[first[n]..first[n + 1]]`, those with the fewest descendants first.
    first: Vec<u32>,
    children: Vec<u32>,
    /// Objects in a cycle of deltas, or derived from one.
    pub(super) circular: Vec<u32>,
}

impl Families {
    /// The families given by these bases.
    pub(super) fn of(bases: Vec<u32>) -> Self {
        let mut first = vec![0_u32; bases.len() + 1];
        bases.iter().filter(|base| **base != WHOLE).for_each(|base| first[*base as usize + 1] += 1);
        for n in 1..first.len() {
            first[n] += first[n - 1];
        }
        let mut free = first.clone();
        let mut children = vec![0; first.last().map_or(0, |n| *n as usize)];
        for (n, base) in (0_u32..).zip(&bases).filter(|(_, base)| **base != WHOLE) {
            let slot = &mut free[*base as usize];
            children[*slot as usize] = n;
            *slot += 1;
        }
        let mut families = Self { bases, first, children, circular: Vec::new() };
        families.order();
        families
    }

    /// Puts the child with the most descendants last: then at most the logarithm of their number of bases wait at once.
    fn order(&mut self) {
        let mut open: Vec<u32> = self.first.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mut sizes = vec![1_u32; self.bases.len()];
        let mut settled: Vec<u32> = (0_u32..).zip(&open).filter(|(_, n)| **n == 0).map(|(n, _)| n).collect();
        while let Some(object) = settled.pop() {
            let base = self.bases[object as usize];
            if base == WHOLE {
                continue;
            }
            sizes[base as usize] = sizes[base as usize].saturating_add(sizes[object as usize]);
            open[base as usize] -= 1;
            if open[base as usize] == 0 {
                settled.push(base);
            }
        }
        for pair in self.first.windows(2).filter(|pair| pair[1] - pair[0] > 1) {
            self.children[pair[0] as usize..pair[1] as usize].sort_by_key(|child| sizes[*child as usize]);
        }
        let circle = (0_u32..).zip(&open).filter(|(_, open)| **open > 0).map(|(n, _)| n);
        let mut waiting: Vec<u32> = circle.collect();
        let mut seen = std::collections::HashSet::new();
        while let Some(object) = waiting.pop() {
            if seen.insert(object) {
                waiting.extend(self.children(object));
            }
        }
        self.circular = seen.into_iter().collect();
    }

    /// The objects stored as deltas of an object.
    #[inline]
    pub(super) fn children(&self, object: u32) -> &[u32] {
        let object = object as usize;
        &self.children[self.first[object] as usize..self.first[object + 1] as usize]
    }

    /// The base of an object, its base, and so on to one that is stored whole; the object itself comes first.
    pub(super) fn line(&self, object: u32) -> Vec<u32> {
        let mut line = vec![object];
        while let Some(base) = line.last().map(|n| self.bases[*n as usize]).filter(|base| *base != WHOLE) {
            if line.len() > self.bases.len() {
                return Vec::new();
            }
            line.push(base);
        }
        line
    }

    /// An object and everything derived from it.
    pub(super) fn below(&self, object: u32) -> Vec<u32> {
        let mut family = vec![object];
        let mut next = 0;
        while let Some(object) = family.get(next).copied() {
            family.extend(self.children(object));
            next += 1;
        }
        family
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_child_with_the_most_descendants_comes_last_and_circles_are_named() {
        // 0 ← 1 ← 2 ← 3, 0 ← 4; 5 ↔ 6 ← 7.
        let families = Families::of(vec![WHOLE, 0, 1, 2, 0, 6, 5, 6]);
        assert_eq!(families.children(0), [4, 1]);
        assert_eq!(families.line(3), [3, 2, 1, 0]);
        assert_eq!(families.below(1), [1, 2, 3]);
        let mut circular = families.circular.clone();
        circular.sort_unstable();
        assert_eq!(circular, [5, 6, 7]);
        assert_eq!(families.line(7), [0; 0]);
    }
}

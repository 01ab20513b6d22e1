//! Well-known text of reference systems as a tree: WKT 1 as OGC and ESRI write it, and WKT 2.

/// Bytes and levels that a text may have; real ones have a few thousand and some ten.
const MOST: (usize, usize) = (1 << 16, 32);

/// `KEYWORD[...]`.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub keyword: String,
    /// Texts in quotes, numbers and bare words, in order.
    pub values: Vec<&'a str>,
    pub nodes: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// Reads a text; `None` where it is no such tree.
    pub fn read(text: &'a str) -> Option<Self> {
        if text.len() > MOST.0 {
            return None;
        }
        let mut rest = text.trim();
        let node = Self::one(&mut rest, 0)?;
        rest.is_empty().then_some(node)
    }

    fn one(rest: &mut &'a str, level: usize) -> Option<Self> {
        let open = rest.find(['[', '('])?;
        let keyword = rest[..open].trim();
        let word = !keyword.is_empty() && keyword.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !word || level > MOST.1 {
            return None;
        }
        let mut node = Self { keyword: keyword.to_ascii_uppercase(), ..Self::default() };
        *rest = rest[open + 1..].trim_start();
        loop {
            if let Some(quoted) = rest.strip_prefix('"') {
                // a quote inside is written twice
                let mut end = 0;
                loop {
                    end += quoted[end..].find('"')?;
                    if !quoted[end + 1..].starts_with('"') {
                        break;
                    }
                    end += 2;
                }
                node.values.push(&quoted[..end]);
                *rest = quoted[end + 1..].trim_start();
            } else {
                let end = rest.find(['[', '(', ',', ']', ')'])?;
                if rest[end..].starts_with(['[', '(']) {
                    node.nodes.push(Self::one(rest, level + 1)?);
                } else {
                    node.values.push(rest[..end].trim());
                    *rest = &rest[end..];
                }
            }
            let ended = rest.starts_with([']', ')']);
            let more = rest.starts_with(',');
            if !ended && !more {
                return None;
            }
            *rest = rest[1..].trim_start();
            if ended {
                return Some(node);
            }
        }
    }

    /// The first text or number.
    pub fn name(&self) -> &'a str {
        self.values.first().copied().unwrap_or_default()
    }

    /// A number by its place among the values.
    pub fn number(&self, place: usize) -> Option<f64> {
        self.values.get(place)?.parse().ok().filter(|n: &f64| n.is_finite())
    }

    /// A child with one of these keywords.
    pub fn child(&self, keywords: &[&str]) -> Option<&Self> {
        self.nodes.iter().find(|n| keywords.contains(&n.keyword.as_str()))
    }

    /// This node or the first below it with one of these keywords.
    pub fn find(&self, keywords: &[&str]) -> Option<&Self> {
        if keywords.contains(&self.keyword.as_str()) {
            return Some(self);
        }
        self.nodes.iter().find_map(|n| n.find(keywords))
    }

    /// The code that an authority has for it.
    pub fn code(&self) -> Option<(&'a str, &'a str)> {
        let id = self.child(&["AUTHORITY", "ID"])?;
        Some((id.name(), *id.values.get(1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tree_is_read_with_either_bracket() {
        let node = Node::read(r#" A["x ""y"" [z]", 1.5 ,north,B("2"), C[ D["e"] ] ] "#).unwrap();
        assert_eq!((node.keyword.as_str(), node.values.as_slice()), ("A", &["x \"\"y\"\" [z]", "1.5", "north"][..]));
        assert_eq!(node.number(1), Some(1.5));
        assert_eq!(node.find(&["D"]).unwrap().name(), "e");
        for bad in ["", "A", "A[", "A[\"", "A[1", "A[1]]", "A[1]x", "[1]", "A[B[]", &"A[".repeat(5000)] {
            assert!(Node::read(bad).is_none(), "{bad:.20}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in r#"[A-C"\[\](),.0-9中 ]{0,60}"#) {
            let _ = Node::read(&text);
        }
    }
}

//! Unified social credit codes: GB 32100-2015 with the organisation code of GB 11714 inside.

/// The 31 characters that stand for 0 to 30: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// What is wrong with a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A spreadsheet took it for a number and dropped all digits beyond the 15th; they can't be had back.
    Rounded,
    /// Not 18 characters.
    Length(usize),
    /// A character that no code has, and its place from 1.
    Character(char, usize),
    /// The organisation code's own check digit (17th) should be this.
    Organisation(char),
    /// The last check digit should be this.
    Check(char),
}

fn value(c: u8) -> Option<u32> {
    ALPHABET.iter().position(|a| *a == c).map(|v| v as u32)
}

/// Whether a cell is a long code that was taken for a number: `9.133E+17`, or 18 digits that end in zeros while the
/// check digits say no. `as_number` is whether the file itself holds a number.
fn is_rounded(text: &str, as_number: bool) -> bool {
    let exponent = text.split_once(['E', 'e']).is_some_and(|(mantissa, power)| {
        mantissa.parse::<f64>().is_ok_and(|m| m.abs() >= 1.0)
            && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && power.trim_start_matches('+').parse::<u32>().is_ok_and(|p| (14..=18).contains(&p))
    });
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    exponent || (as_number && digits && text.len() > 15) || (digits && text.len() == 18 && text.ends_with("000"))
}

/// Checks a code in capitals without spaces.
pub fn check(code: &str, as_number: bool) -> Result<(), Fault> {
    match plain(code) {
        Ok(()) if !as_number => Ok(()),
        // a number of 18 digits has lost its last three even where the check digits happen to agree
        Ok(()) => Err(Fault::Rounded),
        Err(_) if is_rounded(code, as_number) => Err(Fault::Rounded),
        Err(fault) => Err(fault),
    }
}

fn plain(code: &str) -> Result<(), Fault> {
    let length = code.chars().count();
    if length != 18 {
        return Err(Fault::Length(length));
    }
    let mut values = [0; 18];
    for (place, (c, slot)) in code.chars().zip(&mut values).enumerate() {
        let known = u8::try_from(c).ok().and_then(value);
        *slot = known.ok_or(Fault::Character(c, place + 1))?;
    }
    // GB 11714 counts A as 10, B as 11 ... with the full alphabet; characters 9 to 16, check digit the 17th
    let bytes = code.as_bytes();
    let letter = |b: u8| if b.is_ascii_digit() { u32::from(b - b'0') } else { u32::from(b - b'A') + 10 };
    let sum: u32 = bytes[8..16].iter().zip(ORGANISATION_WEIGHTS).map(|(b, w)| letter(*b) * w).sum();
    let own = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        n => char::from(b'0' + n as u8),
    };
    if char::from(bytes[16]) != own {
        return Err(Fault::Organisation(own));
    }
    let mut weight = 1;
    let mut sum = 0;
    for v in &values[..17] {
        sum += v * weight;
        weight = weight * 3 % 31;
    }
    let last = char::from(ALPHABET[((31 - sum % 31) % 31) as usize]);
    if char::from(bytes[17]) == last { Ok(()) } else { Err(Fault::Check(last)) }
}

/// A code with both check digits, made of its first 16 characters: for templates and tests, where a made-up code has to
/// be well-formed.
pub fn complete(first: &str) -> Option<String> {
    let mut code = format!("{first}00");
    for _ in 0..2 {
        match plain(&code) {
            Err(Fault::Organisation(c)) => code.replace_range(16..17, c.encode_utf8(&mut [0; 4])),
            Err(Fault::Check(c)) => code.replace_range(17..18, c.encode_utf8(&mut [0; 4])),
            Err(_) => return None,
            Ok(()) => break,
        }
    }
    plain(&code).is_ok().then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes of companies in the public register; both of their check digits are right, as a second program found.
    const REAL: [&str; 6] = [
        "91330000733796106P",
        "91330000727215176K",
        "913300002539329145",
        "91330100799655058B",
        "91110000802100433B",
        "91440300708461136T",
    ];

    #[test]
    fn published_codes_pass_and_no_single_error_does() {
        for code in REAL {
            assert_eq!(check(code, false), Ok(()), "{code}");
            for place in 0..18 {
                for c in ALPHABET.iter().map(|b| char::from(*b)).filter(|c| !code[place..].starts_with(*c)) {
                    let mut wrong = code.to_owned();
                    wrong.replace_range(place..=place, &c.to_string());
                    assert!(check(&wrong, false).is_err(), "{wrong}");
                }
            }
        }
    }

    #[test]
    fn faults_are_named() {
        // the standard's own worked example has the wrong last character: 3 is right
        assert_eq!(check("91350100M000100Y4Z", false), Err(Fault::Character('Z', 18)));
        assert_eq!(check("91350100M000100Y43", false), Ok(()));
        assert_eq!(check("91330100799655058C", false), Err(Fault::Check('B')));
        assert_eq!(check("91330100799655059B", false), Err(Fault::Organisation('8')));
        assert_eq!(check("9133010079965505", false), Err(Fault::Length(16)));
        assert_eq!(check("9133010O799655058B", false), Err(Fault::Character('O', 8)));
        for rounded in ["9.133E+17", "9.13300002539329E17", "913300002539329000"] {
            assert_eq!(check(rounded, false), Err(Fault::Rounded), "{rounded}");
        }
        assert_eq!(check("913300002539329145", true), Err(Fault::Rounded), "a number can't hold 18 digits");
        assert_eq!(complete("91330100MA2ABCD1"), complete("91330100MA2ABCD1"));
        assert_eq!(check(&complete("91330100MA2ABCD1").unwrap(), false), Ok(()));
    }
}

//! Draws how far inside or outside of its bound each measurement lies.
//!
//! A picture of text and bars that follows the reader's light or dark.

use std::fmt::Write as _;

/// One measurement.
#[derive(Clone, Debug)]
pub struct Bar {
    pub name: String,
    pub compared: String,
    /// 1 is the bound itself, 2 twice as good, 0.5 half.
    pub inside: f64,
}

const ROW: f64 = 22.0;
const LABELS: f64 = 470.0;
/// A factor of two, in pixels.
const DOUBLE: f64 = 60.0;
/// What is further out is cut there.
const MOST: f64 = 3.0;
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#3d4451}.c{fill:#6b7280}.m{fill:#4f8a8b}\
.x{fill:#c2703d}line{stroke:#9ca3af}@media(prefers-color-scheme:dark){text{fill:#d5d9e0}.c{fill:#9aa3b2}\
.m{fill:#6fb3b4}.x{fill:#d98f63}line{stroke:#5b6472}}";

/// The picture as SVG.
pub fn draw(bars: &[Bar]) -> String {
    let (middle, height) = (LABELS + MOST * DOUBLE, (bars.len() as f64 + 2.0) * ROW);
    let width = middle + MOST * DOUBLE + 60.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"How far each measurement lies inside its bound\">\n<style>{STYLE}</style>\n"
    );
    for power in [-2_i32, -1, 0, 1, 2] {
        let x = middle + f64::from(power) * DOUBLE;
        let word = match power {
            0 => "bound".to_owned(),
            _ if power > 0 => format!("{}× better", 1 << power),
            _ => format!("{}× worse", 1 << -power),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" x2=\"{x}\" y1=\"{ROW}\" y2=\"{height}\" stroke-dasharray=\"{}\"/>\
             <text class=\"c\" x=\"{x}\" y=\"14\" text-anchor=\"middle\">{word}</text>",
            if power == 0 { "none" } else { "1 5" }
        );
    }
    for (number, bar) in bars.iter().enumerate() {
        one(&mut svg, bar, middle, (number as f64 + 1.4) * ROW);
    }
    svg.push_str("</svg>\n");
    svg
}

fn one(svg: &mut String, bar: &Bar, middle: f64, y: f64) {
    let length = (bar.inside.log2().clamp(-MOST, MOST) * DOUBLE).round();
    let (class, x) = match length < 0.0 {
        true => ("x", middle + length),
        false => ("m", middle),
    };
    let _ = writeln!(
        svg,
        "<text x=\"0\" y=\"{}\">{} <tspan class=\"c\">/ {}</tspan></text>\
         <rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"2\"/>",
        y + 12.0,
        escaped(&bar.name),
        escaped(&bar.compared),
        length.abs().max(1.0),
        ROW - 6.0,
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misses_its_bound_stands_to_the_left_and_nothing_leaves_the_picture() {
        let bar = |inside| Bar {
            name: "a < b".to_owned(),
            compared: "c".to_owned(),
            inside,
        };
        let svg = draw(&[bar(0.5), bar(2.0), bar(f64::INFINITY), bar(0.0)]);
        assert!(svg.contains("a &lt; b") && svg.ends_with("</svg>\n"));
        assert_eq!(svg.matches("class=\"x\" x=").count(), 2);
        assert_eq!(svg.matches("width=\"180\"").count(), 2);
    }
}

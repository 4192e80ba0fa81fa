//! Turns clean articles into pages as sites publish them: headline, place and outlet, text, credit, disclaimer, source
//! label, "read also", and another article of the file in full. Some sites have no marker, some no line breaks. The pages
//! measure how well boilerplate and tails are separated from articles: their stories should be those of the articles.
//!
//!     cargo run --release --example pages -- --seed 1 articles.ndjson.zst > pages.ndjson
//!
//! With `--marked` every site has a marker. The same seed makes the same pages.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::process::ExitCode;

use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Longest distance to the article in the tail, in lines: it should be close in time.
const DISTANCE_MAX: u64 = 300;

/// Shortest distance to the article in the tail, in lines: copies of one story are often adjacent.
const DISTANCE_MIN: u64 = 20;

/// The boilerplate of a language. `{}` is the name of the outlet.
struct Boilerplate {
    outlets: [&'static str; 6],
    places: [&'static str; 4],
    credits: [&'static str; 4],
    disclaimers: [&'static str; 4],
    labels: [&'static str; 2],
    markers: [&'static str; 4],
}

const ARABIC: Boilerplate = Boilerplate {
    outlets: ["السنبلة", "المرصاد", "النورس", "قلم اليوم", "الشراع", "صدى الوادي"],
    places: ["رأس النخيل", "وادي الصفا", "جبل السرو", "عين الدلب"],
    credits: ["{} – متابعة – وكالات", "{} - وكالات", "{} / متابعات", "متابعة: {}"],
    disclaimers: [
        "جميع الحقوق محفوظة لموقع {}، والآراء المنشورة تعبر عن أصحابها ولا تعبر بالضرورة عن رأي الموقع.",
        "جميع الحقوق محفوظة © {} ويمنع النقل من دون ذكر المصدر.",
        "المواد المنشورة لا تعبر بالضرورة عن رأي {}.",
        "تابعونا على منصات التواصل ليصلكم جديد {} أولا بأول.",
    ],
    labels: ["المصدر: {}", "المصدر : {}"],
    markers: ["إقرأ أيضاً:", "اقرأ أيضا", "مواضيع ذات صلة", "شاهد أيضاً:"],
};

const GERMAN: Boilerplate = Boilerplate {
    outlets: ["Heidebote", "Talblick", "Inselkurier", "Uferpost", "Neuer Landbote", "Stadtanzeiger Quern"],
    places: ["Quern", "Tolby", "Marlstadt", "Niederau"],
    credits: ["{} – dpa – Agenturen", "{}/dpa", "{}, mit Agenturen", "Redaktion {}"],
    disclaimers: [
        "Alle Rechte vorbehalten. Nachdruck nur mit Genehmigung von {}.",
        "© 2026 {}. Alle Rechte vorbehalten.",
        "Gastbeiträge geben nicht unbedingt die Meinung der Redaktion von {} wieder.",
        "Folgen Sie {} auch in den sozialen Netzen und verpassen Sie nichts.",
    ],
    labels: ["Quelle: {}", "Quelle : {}"],
    markers: ["Lesen Sie auch:", "Das könnte Sie auch interessieren", "Mehr zum Thema", "Auch interessant:"],
};

const ENGLISH: Boilerplate = Boilerplate {
    outlets: ["Coastmail", "Quern Post", "The Valley Courier", "Harbour Times", "Daily Lantern", "Metro Brief"],
    places: ["TOLBY", "QUERN", "HARROW VALE", "PORT CALLOW"],
    credits: ["{} – follow-up – agencies", "{} / agencies", "{}, with agencies", "By {} staff"],
    disclaimers: [
        "Opinions expressed here do not necessarily reflect the views of {}.",
        "© 2026 {}. All rights reserved.",
        "This material may not be published, broadcast or rewritten without the consent of {}.",
        "Follow {} for the news as it happens and join the conversation.",
    ],
    labels: ["Source: {}", "Source : {}"],
    markers: ["Read also:", "Related stories", "You may also like", "READ MORE:"],
};

/// The boilerplate of a site.
struct Site<'a> {
    outlet: &'a str,
    place: Option<&'a str>,
    credit: &'a str,
    disclaimer: &'a str,
    label: Option<&'a str>,
    marker: Option<&'a str>,
    /// The separator of lines: empty on sites that lose their line breaks.
    line_break: &'static str,
}

/// A number below `below` that depends only on the other arguments.
fn pick(seed: u64, choice: &str, of: &str, below: u64) -> u64 {
    xxh3_64_with_seed(format!("{choice}\n{of}").as_bytes(), seed) % below
}

fn site<'a>(seed: u64, source: &str, boilerplate: &'a Boilerplate, marked: bool) -> Site<'a> {
    let number = |choice: &str, below: usize| pick(seed, choice, source, below as u64) as usize;
    Site {
        outlet: boilerplate.outlets[number("outlet", 6)],
        place: (number("has place", 2) == 0).then(|| boilerplate.places[number("place", 4)]),
        credit: boilerplate.credits[number("credit", 4)],
        disclaimer: boilerplate.disclaimers[number("disclaimer", 4)],
        label: (number("has label", 3) > 0).then(|| boilerplate.labels[number("label", 2)]),
        marker: (marked || number("has marker", 4) > 0).then(|| boilerplate.markers[number("marker", 4)]),
        line_break: if number("glued", 4) == 0 { "" } else { "\n" },
    }
}

fn text<'a>(article: &'a Map<String, Value>, key: &str) -> &'a str {
    article.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn page(seed: u64, marked: bool, article: &Map<String, Value>, second: &Map<String, Value>) -> String {
    let boilerplate = match text(article, "lang").get(..2) {
        Some("ar") => &ARABIC,
        Some("de") => &GERMAN,
        _ => &ENGLISH,
    };
    let site = site(seed, text(article, "source"), boilerplate, marked);
    let named = |line: &str| line.replace("{}", site.outlet);
    let place = site.place.map(|place| format!("{place} / {}", site.outlet));
    let lines = [
        Some(text(article, "title").to_owned()),
        place,
        Some(text(article, "text").to_owned()),
        Some(named(site.credit)),
        Some(named(site.disclaimer)),
        site.label.map(named),
        site.marker.map(str::to_owned),
        Some(text(second, "title").to_owned()),
        Some(text(second, "text").to_owned()),
    ];
    let lines: Vec<String> = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect();
    lines.join("\n").replace('\n', site.line_break)
}

fn run(seed: u64, marked: bool, path: &str) -> io::Result<()> {
    let file = File::open(path)?;
    let reader: Box<dyn Read> =
        if path.to_ascii_lowercase().ends_with(".zst") { Box::new(zstd::Decoder::new(file)?) } else { Box::new(file) };
    let mut articles = Vec::new();
    for line in BufReader::new(reader).lines() {
        articles.push(serde_json::from_str::<Map<String, Value>>(&line?)?);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let count = articles.len() as u64;
    for (at, article) in articles.iter().enumerate() {
        let distance = DISTANCE_MIN + pick(seed, "second", text(article, "id"), DISTANCE_MAX - DISTANCE_MIN);
        let second = &articles[((at as u64 + distance) % count.max(1)) as usize];
        let mut page_of = article.clone();
        page_of.insert("text".to_owned(), page(seed, marked, article, second).into());
        serde_json::to_writer(&mut out, &page_of)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn main() -> ExitCode {
    let (mut seed, mut marked, mut file) = (Some(1), false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seed" => seed = arguments.next().and_then(|seed| seed.parse().ok()),
            "--marked" => marked = true,
            _ => file = Some(argument),
        }
    }
    let (Some(seed), Some(file)) = (seed, file) else {
        eprintln!("usage: pages [--seed NUMBER] [--marked] FILE");
        return ExitCode::from(2);
    };
    match run(seed, marked, &file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
    }
}

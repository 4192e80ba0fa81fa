//! Turns clean articles into pages as sites print them: headline, place and outlet, text, credit, disclaimer, source
//! label, "read also", and another article of the file in full; on some sites without a marker, on some without line
//! breaks. For measuring how well what stands around an article is told from it: stories of the pages should be those
//! of the articles.
//!
//!     cargo run --release --example pages -- --seed 1 articles.ndjson.zst > pages.ndjson
//!
//! `--marked` has every site print a marker. The same seed makes the same pages.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::process::ExitCode;

use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The article in the tail stands at most so many lines away: near in time.
const DISTANCE_MAX: u64 = 300;

/// And at least so many: copies of one story often stand side by side.
const DISTANCE_MIN: u64 = 20;

/// One language's furniture. `{}` is the outlet's name.
struct Furniture {
    outlets: [&'static str; 6],
    places: [&'static str; 4],
    credits: [&'static str; 4],
    disclaimers: [&'static str; 4],
    labels: [&'static str; 2],
    markers: [&'static str; 4],
}

const ARABIC: Furniture = Furniture {
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

const GERMAN: Furniture = Furniture {
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

const ENGLISH: Furniture = Furniture {
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

/// What a site prints around every article.
struct Site<'a> {
    outlet: &'a str,
    place: Option<&'a str>,
    credit: &'a str,
    disclaimer: &'a str,
    label: Option<&'a str>,
    marker: Option<&'a str>,
    /// What is left of a line break.
    line_break: &'static str,
}

/// A number below `below` that depends on seed, words and nothing else.
fn pick(seed: u64, what: &str, of: &str, below: u64) -> u64 {
    xxh3_64_with_seed(format!("{what}\n{of}").as_bytes(), seed) % below
}

fn site<'a>(seed: u64, source: &str, furniture: &'a Furniture, marked: bool) -> Site<'a> {
    let number = |what: &str, below: usize| pick(seed, what, source, below as u64) as usize;
    Site {
        outlet: furniture.outlets[number("outlet", 6)],
        place: (number("has place", 2) == 0).then(|| furniture.places[number("place", 4)]),
        credit: furniture.credits[number("credit", 4)],
        disclaimer: furniture.disclaimers[number("disclaimer", 4)],
        label: (number("has label", 3) > 0).then(|| furniture.labels[number("label", 2)]),
        marker: (marked || number("has marker", 4) > 0).then(|| furniture.markers[number("marker", 4)]),
        line_break: if number("glued", 4) == 0 { "" } else { "\n" },
    }
}

fn text<'a>(article: &'a Map<String, Value>, key: &str) -> &'a str {
    article.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn page(seed: u64, marked: bool, article: &Map<String, Value>, second: &Map<String, Value>) -> String {
    let furniture = match text(article, "lang").get(..2) {
        Some("ar") => &ARABIC,
        Some("de") => &GERMAN,
        _ => &ENGLISH,
    };
    let site = site(seed, text(article, "source"), furniture, marked);
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

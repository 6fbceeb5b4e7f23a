//! The HTML report in a browser: it is read by keyboard and without scripts, asks for nothing, and what peers sent is text.

use std::{fs, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use hubreach::report::{Audit, Format};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    browser::{self, Browser},
    need, samples, site,
};

type Run = fn() -> Result<(), String>;

pub fn trials() -> Vec<Trial> {
    let all: [(&str, Run); 5] = [
        ("a_cell_opens_by_keyboard_and_without_scripts", opens),
        ("hostile_text_is_inert_even_without_the_pages_policy", hostile),
        ("words_stand_out_from_their_background_in_light_and_dark", contrast),
        ("it_fits_a_telephone_and_paper", fits),
        ("it_prints_to_a4_with_every_cause_in_full", prints),
    ];
    all.into_iter().map(|(name, run)| need::trial(name, browser::missing(), run)).collect()
}

/// A page with the reports of an audit, and the browser that shows it.
struct Shown {
    browser: Browser,
    url: String,
    _dir: TempDir,
}

fn show(page: &str, prepare: fn(&mut Browser) -> Result<(), String>) -> Result<Shown, String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = dir.path().join("report.html");
    fs::write(&path, page).map_err(|error| error.to_string())?;
    let mut browser = Browser::start()?;
    prepare(&mut browser)?;
    browser.open(&path)?;
    Ok(Shown { browser, url: format!("file://{}", path.display()), _dir: dir })
}

/// Of a site, with what else there may be in a report.
fn audit() -> String {
    let mut audit = site::audit();
    let others = samples::audit().into_iter().chain([samples::saying("<script>document.title='pwned'</script>")]);
    audit = audit.with(audit.reports.iter().cloned().chain(others).collect());
    audit.render(Format::Html)
}

fn ready(_: &mut Browser) -> Result<(), String> {
    Ok(())
}

#[track_caller]
fn equal(left: &Value, right: &Value) -> Result<(), String> {
    if left == right { Ok(()) } else { Err(format!("{}: {left} is not {right}", std::panic::Location::caller())) }
}

fn opens() -> Result<(), String> {
    let no_scripts = |browser: &mut Browser| {
        browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true })).map(drop)
    };
    let Shown { mut browser, url, _dir } = show(&samples::field().render(Format::Html), no_scripts)?;
    equal(&browser.evaluate("document.title")?, &json!("Connectivity of contoso.azure-devices.net"))?;
    equal(&browser.evaluate("document.querySelectorAll('details[open]').length")?, &json!(0))?;
    for _ in 0..10 {
        browser.press("Tab", 9, "")?;
        if browser.evaluate("document.activeElement.localName === 'summary'")? == true {
            break;
        }
    }
    equal(&browser.evaluate("document.activeElement.innerText.includes('BLOCKED')")?, &json!(true))?;
    browser.press("Enter", 13, "\r")?;
    equal(&browser.evaluate("document.querySelectorAll('details[open]').length")?, &json!(1))?;
    // Seen, not merely there.
    let opened = browser.evaluate("document.querySelector('details[open] .why').innerText")?;
    let opened = opened.as_str().unwrap_or_default();
    for told in [
        "Outbound TCP 8883 is silently dropped",
        "hop 1 of 4 (10.77.1.1)",
        "SYNs to port 8883 are answered by routers up to",
        "TCP failed",
    ] {
        if !opened.contains(told) {
            return Err(format!("the cell does not tell `{told}`: {opened}"));
        }
    }
    keep(&mut browser, "cell")?;
    equal(&json!(browser.requests()), &json!([url]))?;
    equal(&json!(browser.complaints()), &json!([]))
}

fn hostile() -> Result<(), String> {
    let attack = "</td></style></title><script>document.title='pwned'</script><img src=http://192.0.2.1/x onerror=alert(1)>\
                  <svg onload=alert(1)><a href=javascript:alert(1)>x</a><iframe src=//192.0.2.1></iframe>\"' onfocus=alert(1) \
                  autofocus='{{title}}\u{202e}&lt;script&gt;";
    let audit = Audit::of(vec![samples::saying(attack), samples::hostile()]);
    let audit = Audit::new(Some(attack.to_owned()), attack.to_owned(), 1.0, 3, audit.reports);
    // The page's policy would forbid what the template let through: here it must let nothing through.
    let page = audit.render(Format::Html).replace("Content-Security-Policy", "None");
    let Shown { mut browser, url, _dir } = show(&page, ready)?;
    // The tab's title is text of the peer's, cut and escaped as everywhere, not what a script made of it.
    equal(&browser.evaluate("document.title.startsWith('</td></style></title><script>')")?, &json!(true))?;
    let foreign = "document.querySelectorAll('script, img, svg, iframe, [onfocus], [onerror], [onload], [autofocus], \
                   a:not([href^=\"#\"])').length";
    equal(&browser.evaluate(foreign)?, &json!(0))?;
    // It is there, as text.
    equal(
        &browser.evaluate("document.body.innerText.includes(\"<script>document.title='pwned'</script>\")")?,
        &json!(true),
    )?;
    browser.evaluate("document.querySelectorAll('details').forEach(cell => cell.open = true)")?;
    equal(&json!(browser.requests()), &json!([url]))?;
    equal(&json!(browser.complaints()), &json!([]))
}

/// The least contrast of any text with what is behind it (WCAG 2, success criterion 1.4.3), and where.
const CONTRAST: &str = "(() => {
    const light = colour => colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = element => {
        for (; element; element = element.parentElement) {
            const colour = getComputedStyle(element).backgroundColor;
            if (!colour.endsWith(', 0)') && colour !== 'transparent') return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    let least = [21, ''];
    for (const element of document.body.querySelectorAll('*')) {
        const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join('').trim();
        if (!text) continue;
        const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < least[0]) least = [contrast, text];
    }
    return least;
})()";

fn contrast() -> Result<(), String> {
    let Shown { mut browser, .. } = show(&audit(), ready)?;
    let mut papers = Vec::new();
    for scheme in ["light", "dark"] {
        browser.show_as("screen", scheme)?;
        browser.evaluate("document.querySelectorAll('details').forEach(cell => cell.open = true)")?;
        let least = browser.evaluate(CONTRAST)?;
        if least[0].as_f64().is_none_or(|contrast| contrast < 4.5) {
            return Err(format!("{scheme}: {least}"));
        }
        browser.evaluate("document.querySelectorAll('details').forEach((cell, at) => cell.open = at === 5)")?;
        keep(&mut browser, scheme)?;
        papers.push(browser.evaluate("getComputedStyle(document.body).backgroundColor")?);
    }
    if papers[0] == papers[1] {
        return Err(format!("dark is not dark: {papers:?}"));
    }
    Ok(())
}

fn fits() -> Result<(), String> {
    let Shown { mut browser, .. } = show(&audit(), ready)?;
    let overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    browser.resize(360, 740)?;
    equal(&browser.evaluate(overflow)?, &json!(0))?;
    keep(&mut browser, "telephone")?;
    // A4 without its margins, at 96 dots an inch.
    browser.resize(687, 1017)?;
    browser.show_as("print", "dark")?;
    browser.evaluate("document.querySelectorAll('details').forEach(cell => cell.open = true)")?;
    equal(&browser.evaluate(overflow)?, &json!(0))?;
    equal(&browser.evaluate("getComputedStyle(document.body).backgroundColor")?, &json!("rgb(255, 255, 255)"))
}

fn prints() -> Result<(), String> {
    let Shown { mut browser, .. } = show(&audit(), ready)?;
    let params = json!({ "preferCSSPageSize": true, "printBackground": false });
    let printed = browser.call("Page.printToPDF", params)?;
    let pdf =
        BASE64_STANDARD.decode(printed["data"].as_str().unwrap_or_default()).map_err(|error| error.to_string())?;
    if let Some(path) = kept("printed.pdf") {
        fs::write(path, &pdf).map_err(|error| error.to_string())?;
    }
    let text = String::from_utf8_lossy(&pdf);
    // 210 mm by 297 mm in points.
    let a4 = text.matches("/MediaBox [0 0 59").count();
    if a4 == 0 || a4 != text.matches("/MediaBox").count() {
        return Err(format!("{a4} pages of A4 of {}", text.matches("/MediaBox").count()));
    }
    browser.show_as("print", "light")?;
    let causes = "[...document.querySelectorAll('.cause')].every(cause => cause.checkVisibility())";
    equal(&browser.evaluate(causes)?, &json!(true))
}

/// Where pictures are to be kept, to be looked at.
fn kept(name: &str) -> Option<PathBuf> {
    std::env::var_os("HUBREACH_TEST_PICTURES").map(|dir| PathBuf::from(dir).join(name))
}

fn keep(browser: &mut Browser, name: &str) -> Result<(), String> {
    let Some(path) = kept(&format!("{name}.png")) else { return Ok(()) };
    let picture = browser.call("Page.captureScreenshot", json!({}))?;
    let picture = BASE64_STANDARD.decode(picture["data"].as_str().unwrap_or_default());
    fs::write(path, picture.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
}

//! `/credentials/{id}`: the life of one, and what people write down about it.

use domain::kernel::Span;

use crate::house::House;

#[tokio::test]
async fn a_note_is_written_changed_and_taken_away() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let id = house.credential("erp", Span::days(20), None).await;
    let path = format!("/credentials/{id}");
    let note = format!("{path}/note");
    let noted = format!("{path}?said=noted");
    let form = [("note", "ask <b>Bo</b>\r\nbefore you renew it\u{202E}")];
    ada.post(&note, &form).await.leads_to(&noted);
    let page = ada.get(&path).await.is(200).says("before you renew it");
    let page = page.says("Ada Lovelace");
    assert!(!page.html.contains("<b>Bo"));
    let mut reader = house.somebody("Reader", &["credentials:read"]).await;
    let page = reader.get(&path).await.is(200).says("before you renew it");
    assert!(!page.html.contains("Save the note"));
    reader.post(&note, &form).await.is(403);
    let long = "x".repeat(4_001);
    let page = ada.post(&note, &[("note", &long)]).await.is(422);
    page.says("note-error");
    // P4: what was pasted by mistake is kept nowhere.
    let issued = house.token_of("Bob", &[]).await;
    let value = issued.value.unwrap().expose().clone();
    let page = ada.post(&note, &[("note", &value)]).await.is(422);
    page.says("never kept");
    ada.post(&note, &[("note", " ")]).await.leads_to(&noted);
    let page = ada.get(&path).await.is(200);
    assert!(!page.html.contains("before you renew it"));
}

#[tokio::test]
async fn places_of_use_are_said_line_by_line() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let id = house.credential("erp", Span::days(20), None).await;
    let path = format!("/credentials/{id}");
    let form = [(
        "used_by",
        "nightly export https://ci.example.org/jobs/7\r\n\r\nweekly report",
    )];
    ada.post(&path, &form).await.is(303);
    let page = ada.get(&path).await.is(200).says("weekly report");
    let page = page.says("<a href=\"https://ci.example.org/jobs/7\"");
    page.says("nightly export https://ci.example.org/jobs/7");
    let form = [("used_by", "odd ftp://x")];
    let page = ada.post(&path, &form).await.is(422);
    page.says("used_by-error").says("odd ftp://x");
}

/// After a rotation one sees that the new value is in place, and that the old one ended.
#[tokio::test]
async fn a_rotation_shows_when_the_new_value_was_first_used_and_the_old_one_ended() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let old = house.token_of("Bob", &[]).await.item.token.id.to_string();
    let form = [("overlap", "2h")];
    let page = ada.post(&format!("/tokens/{old}/rotate"), &form).await;
    let at = page.html.find("data-copy>").unwrap() + "data-copy>".len();
    let value = page.html[at..].split('<').next().unwrap().to_owned();
    let new = value.split('_').nth(1).unwrap().to_owned();
    ada.get(&format!("/tokens/{new}"))
        .await
        .is(200)
        .says("not used yet");
    house.clock.advance(Span::minutes(30));
    app::authenticate(&house.ctx, &value).unwrap();
    // What is in memory counts, and stays what it was when it is written down.
    let first = "first <time datetime=\"2026-11-22T09:30:00Z\"";
    ada.get(&format!("/tokens/{new}")).await.is(200).says(first);
    app::feed::flush_usage(&house.ctx).await.unwrap();
    house.clock.advance(Span::hours(2));
    app::authenticate(&house.ctx, &value).unwrap();
    app::feed::flush_usage(&house.ctx).await.unwrap();
    let there = format!("/tokens/{old}#rotation-head");
    ada.get(&format!("/tokens/{old}/rotate"))
        .await
        .leads_to(&there);
    for id in [&new, &old] {
        let page = ada.get(&format!("/tokens/{id}")).await.is(200).says(first);
        page.says("ended <time datetime=\"2026-11-22T11:00:00Z\"");
    }
    let page = ada.get(&format!("/credentials/{old}")).await.is(200);
    page.says("What takes its place was first used")
        .says("<b>Ended</b>");
    let page = ada.get(&format!("/credentials/{new}")).await.is(200);
    page.says("<b>First used</b>")
        .says("The value before ended");
}

/// A value on its first day whose rotation was taken back keeps the end that the rotation gave
/// it, says so, and somebody hears of it.
#[tokio::test]
async fn a_value_whose_replacement_was_revoked_says_why_it_ends_early_and_is_warned_of() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let old = house.token_of("Bob", &[]).await.item.token.id.to_string();
    let form = [("overlap", "2h")];
    let page = ada.post(&format!("/tokens/{old}/rotate"), &form).await;
    let at = page.html.find("data-copy>").unwrap() + "data-copy>".len();
    let new = page.html[at..].split('_').nth(1).unwrap().to_owned();
    let life = format!("/credentials/{old}");
    let cut = "<b>Rotated, which made its end an earlier one</b>";
    let page = ada.get(&life).await.is(200).says(cut);
    let page = page.says("It would have ended");
    assert!(!page.html.contains("What took its place was revoked"));
    ada.post(&format!("/tokens/{new}/revoke"), &[])
        .await
        .is(303);
    house.sweep().await;
    let page = ada.get(&life).await.is(200).says(cut);
    page.says("What took its place was revoked; this end stays");
    // How long a successor may live follows the end it was meant to have.
    let page = ada.get(&format!("/tokens/{old}/rotate")).await.is(200);
    page.says("as long as the old one was issued for: 30 days");
    house.clock.advance(Span::minutes(90));
    house.sweep().await;
    ada.get(&life).await.is(200).says("Said: ");
}

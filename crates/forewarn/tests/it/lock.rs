//! Two servers on one embedded database.

use crate::house::{House, run};

#[test]
fn a_second_server_on_the_same_data_refuses_to_start() {
    let house = House::open();
    let data = house.path("data");
    let second = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ];
    let said = run(&second, &[], b"").ends_with(1);
    said.is_one_sentence();
    let _ = house.admin().get("/v1/tokens/self").expect(200);
}

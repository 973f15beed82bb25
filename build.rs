//! The catalogue is embedded: a new schema, template or sample must rebuild the crate.

fn main() {
    for folder in ["schemas", "templates"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}

//! Witnesses of a ledger's head: the commands of `VERIFY.txt` for signatures and time stamps, run as they stand there.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::Test;
use crate::bench::{OUT, Program, expect, spoken};
use crate::release::{RELEASES, copy};

pub(crate) const TESTS: &[Test] = &[Test {
    name: "the_recipes_of_the_script_work",
    needs: &[
        Program::Python,
        Program::Tool("ssh-keygen"),
        Program::Tool("openssl"),
        Program::Tool("curl"),
        Program::Tool("pdfsig"),
    ],
    run: recipes,
}];

/// The commands that stand in `VERIFY.txt`, run as they stand there.
fn recipes() {
    let place = OUT.join("recipes");
    copy(&RELEASES.join("tower/releases/T-100"), &place);
    let folder = place.join("3");
    let text = fs::read_to_string(folder.join("VERIFY.txt")).unwrap();
    let recipes: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("#   ")?.split_once(": "))
        .filter(|(verb, _)| ["sign", "verify", "ask", "send"].contains(verb))
        .map(|(_, command)| command.trim())
        .collect();
    let [sign, verify_signature, ask, send, verify_time, pdfsig, verify_copy] = recipes[..] else {
        panic!("{recipes:?}")
    };
    let keys = OUT.join("keys");
    fs::create_dir_all(&keys).unwrap();
    let key = keys.join("key");
    expect(Program::Tool("ssh-keygen").command().args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&key));
    let public = fs::read_to_string(keys.join("key.pub")).unwrap();
    fs::write(keys.join("signers"), format!("qa@example.org namespaces=\"techfile-ledger\" {public}")).unwrap();
    let mut authority = Program::Python.command();
    let mut authority =
        authority.arg("tests/external/tsa.py").arg(keys.join("tsa")).stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(authority.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let run = |folder: &Path, command: &str| {
        let mut shell = Program::Tool("dash").command();
        shell.current_dir(folder).env("KEY", &key).env("NAME", "qa@example.org").env("SIGNERS", keys.join("signers"));
        shell.env("TSA", address.trim()).env("CA", keys.join("tsa/ca.pem"));
        shell.env("SIGNED", RELEASES.join("tower/signed/tower.pdf"));
        shell.arg("-c").arg(command).output().unwrap()
    };
    let works = |folder: &Path, command: &str| {
        let output = run(folder, command);
        assert!(output.status.success(), "{command}: {}", spoken(&output));
        spoken(&output)
    };
    works(&folder, sign);
    assert!(works(&folder, verify_signature).starts_with("Good \"techfile-ledger\" signature for qa@example.org"));
    works(&folder, ask);
    works(&folder, send);
    assert!(authority.wait().unwrap().success());
    assert!(works(&folder, verify_time).contains("Verification: OK"));
    assert!(works(&folder, pdfsig).contains("Signature is Valid"));
    assert!(
        works(&place.join("2"), verify_copy).contains("is the released PDF with a signature that the ledger names")
    );

    // A ledger that was written anew fits together; the witnesses of the true one say otherwise.
    let head = place.join("T-100.ledger.head");
    let forged = fs::read(RELEASES.join("forged/releases/T-100/T-100.ledger.head")).unwrap();
    assert_ne!(fs::read(&head).unwrap(), forged);
    fs::write(&head, forged).unwrap();
    for witness in [verify_signature, verify_time] {
        assert!(!run(&folder, witness).status.success(), "{witness}");
    }
}

//! Turns `stubs/*.stub.php`, the one source of the PHP API, into the static class, argument and
//! constant tables that `src/zend/api.rs` includes, tells the compiler which PHP it builds
//! against, and keeps the shared object mapped once it is loaded.

#[path = "build/generate.rs"]
mod generate;
#[path = "build/lexer.rs"]
mod lexer;
#[path = "build/parser.rs"]
mod parser;
#[path = "build/stub.rs"]
mod stub;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use ext_php_rs_build::{ApiVersion, PHPInfo, find_php};

type Failure = Box<dyn std::error::Error>;

fn main() {
    if let Err(failure) = run() {
        eprintln!("error: {failure}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Failure> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=stubs");
    for variable in ["PHP", "PHP_CONFIG", "PATH", "SOURCE_DATE_EPOCH"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    describe_php()?;
    describe_build();
    let api = read_stubs(Path::new("stubs"))?;
    let tables = generate::tables(&api)?;
    let target = PathBuf::from(env::var("OUT_DIR")?).join("api.rs");
    fs::write(target, tables)?;
    // The runtime's threads may outlive `dlclose`: their code must stay where it is.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    Ok(())
}

/// Emits the same `php81` .. `php86`, `php_zts`, `php_debug` cfgs that ext-php-rs compiles with.
fn describe_php() -> Result<(), Failure> {
    let info = PHPInfo::get(&find_php()?)?;
    let version: ApiVersion = info.zend_version()?.try_into()?;
    ext_php_rs_build::emit_check_cfg();
    ext_php_rs_build::emit_php_cfg_flags(version);
    if info.thread_safety()? {
        println!("cargo:rustc-cfg=php_zts");
    }
    if info.debug()? {
        println!("cargo:rustc-cfg=php_debug");
    }
    Ok(())
}

/// What `php --ri rdkafka` says about this build.
fn describe_build() {
    let compiler = env::var("RUSTC")
        .ok()
        .and_then(|rustc| Command::new(rustc).arg("--version").output().ok())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .unwrap_or_default();
    let profile = env::var("PROFILE").unwrap_or_default();
    let target = env::var("TARGET").unwrap_or_default();
    println!(
        "cargo:rustc-env=RDKAFKA_BUILD={profile}, {target}, {}",
        compiler.trim()
    );
}

/// Reads every stub, in the order of their names.
fn read_stubs(folder: &Path) -> Result<stub::Api, Failure> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.to_string_lossy().ends_with(".stub.php"));
    paths.sort();
    let mut api = stub::Api::default();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        parser::parse(&text, &mut api)
            .map_err(|error| format!("{}:{}: {}", path.display(), error.line, error.message))?;
    }
    Ok(api)
}

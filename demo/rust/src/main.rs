//! What a Rust program leans on at run time, each part checked: arguments (std reads them in an `.init_array` entry that
//! an old start-up may skip), threads, a caught panic (the unwinder), files, hash maps (their random seed).
//!
//! Called with the arguments `one "two words"`. Prints one line a check and exits with 1 if one failed.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::panic;
use std::process::ExitCode;
use std::sync::{mpsc, Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// Counts its own drops, which a panic that unwinds must run.
struct Guard<'a>(&'a Mutex<u32>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
    }
}

fn arguments() -> bool {
    let given: Vec<String> = std::env::args().skip(1).collect();
    given == ["one", "two words"]
}

fn caught_panic() -> bool {
    let dropped = Mutex::new(0);
    panic::set_hook(Box::new(|_| {}));
    let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let _guard = Guard(&dropped);
        let arguments: Vec<String> = std::env::args().collect();
        arguments[99].len()
    }));
    let _ = panic::take_hook();
    let message = match caught {
        Ok(_) => return false,
        Err(payload) => payload.downcast_ref::<String>().cloned().unwrap_or_default(),
    };
    message.contains("index out of bounds") && *dropped.lock().unwrap() == 1
}

fn panic_in_a_thread() -> bool {
    panic::set_hook(Box::new(|_| {}));
    let outcome = thread::spawn(|| panic!("in a thread")).join();
    let _ = panic::take_hook();
    matches!(outcome, Err(payload) if payload.downcast_ref::<&str>() == Some(&"in a thread"))
}

fn threads() -> bool {
    let (sender, receiver) = mpsc::channel();
    let workers: Vec<_> = (0..8u64)
        .map(|worker| {
            let sender = sender.clone();
            thread::spawn(move || sender.send((worker * 1000..(worker + 1) * 1000).sum::<u64>()).unwrap())
        })
        .collect();
    drop(sender);
    let total: u64 = receiver.iter().sum();
    workers.into_iter().all(|worker| worker.join().is_ok()) && total == 7999 * 8000 / 2
}

fn condition_variable() -> bool {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = Arc::clone(&pair);
    let setter = thread::spawn(move || {
        *theirs.0.lock().unwrap() = true;
        theirs.1.notify_one();
    });
    let ready = pair.0.lock().unwrap();
    let (ready, waited) = pair.1.wait_timeout_while(ready, Duration::from_secs(10), |ready| !*ready).unwrap();
    let good = *ready && !waited.timed_out();
    drop(ready);
    setter.join().is_ok() && good
}

fn files() -> std::io::Result<bool> {
    let directory = std::env::temp_dir().join(format!("rust-demo-{}", std::process::id()));
    fs::create_dir_all(directory.join("deep"))?;
    let path = directory.join("deep").join("lines.txt");
    let mut file = fs::File::create(&path)?;
    for number in 1..=100 {
        writeln!(file, "{number}")?;
    }
    file.sync_all()?;
    fs::copy(&path, directory.join("copy.txt"))?;
    let mut sum = 0;
    for line in BufReader::new(fs::File::open(directory.join("copy.txt"))?).lines() {
        sum += line?.parse::<u32>().unwrap_or(0);
    }
    let details = fs::metadata(&path)?;
    let recent = details.modified()? <= SystemTime::now() + Duration::from_secs(60);
    let entries = fs::read_dir(&directory)?.count();
    fs::remove_dir_all(&directory)?;
    Ok(sum == 5050 && details.len() == 292 && recent && entries == 2 && !directory.exists())
}

fn hash_map() -> bool {
    let text = "the quick brown fox jumps over the lazy dog and the cat";
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for word in text.split(' ') {
        *counts.entry(word).or_default() += 1;
    }
    counts.len() == 10 && counts["the"] == 3
}

fn main() -> ExitCode {
    let started = Instant::now();
    let checks = [
        ("std::env::args is what was given", arguments()),
        ("a panic was caught and the stack unwound", caught_panic()),
        ("a panic in a thread reached its join", panic_in_a_thread()),
        ("eight threads summed 0..7999 over a channel", threads()),
        ("a condition variable woke a timed wait", condition_variable()),
        ("files were written, copied, read, walked, removed", files().unwrap_or(false)),
        ("a hash map counted words", hash_map()),
        ("the clock runs forward", started.elapsed() < Duration::from_secs(60)),
    ];
    for (what, good) in checks {
        println!("{}  {what}", if good { "ok    " } else { "FAILED" });
    }
    if checks.iter().all(|(_, good)| *good) {
        println!("all checks passed");
        ExitCode::SUCCESS
    } else {
        println!("some checks failed");
        ExitCode::FAILURE
    }
}

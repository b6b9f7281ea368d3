//! Another allocator for all of Rust: threads that grow, shrink and hand over memory.
use std::thread;

#[cfg(feature = "jemalloc")]
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let workers: Vec<_> = (0..8u64)
        .map(|seed| {
            thread::spawn(move || {
                let mut blocks: Vec<Vec<u64>> = Vec::new();
                for round in 0..2000 {
                    blocks.push(vec![seed; (round * 37) % 4096 + 1]);
                    if round % 3 == 0 {
                        blocks.swap_remove((round * 7) % blocks.len());
                    }
                }
                blocks
            })
        })
        .collect();
    let total: usize = workers.into_iter().flat_map(|worker| worker.join().expect("a worker ends")).map(|b| b.len()).sum();
    println!("{total} words survive");
}

//! way out
#![cfg(feature = "machine")]

mod adversary;
mod books;
mod canon;
mod game;
mod scene;
mod strategy;

use std::time::Instant;

use bulkhead_core::machine::Action;
use game::{Game, Node};
use scene::{HOSTILE, Move, Parts, after, step};

fn with(name: &'static str, parts: Parts, story: &[Move]) -> (&'static str, Node) {
    (name, after(parts, story))
}

fn run<T: Send>(play: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(1 << 30);
        thread.spawn_scoped(scope, play).expect("a thread").join().expect("a game")
    })
}

#[test]
fn measure() {
    let most: usize = std::env::var("MOST").map_or(200_000, |most| most.parse().unwrap());
    let all = [
        ("none", Parts::NONE),
        ("papers", Parts::NONE),
        ("watch", Parts { watch: true, ..Parts::NONE }),
        ("books", Parts { books: true, ..Parts::NONE }),
        ("prices", Parts { prices: true, ..Parts::NONE }),
        ("breaker", Parts { breaker: true, ..Parts::NONE }),
        ("link", Parts { link: true, ..Parts::NONE }),
        ("vault", Parts { vault: true, ..Parts::NONE }),
    ];
    for (name, parts) in all {
        run(move || {
            let started = Instant::now();
            let mut game = Game::new(step, most);
            let (_, mut node) = with(name, parts, &[Move::Act(HOSTILE, Action::OpenIncident)]); node.has_papers = name == "papers";
            let mut game = game; let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| game.play(&node))); let Ok(played) = played else { println!("{name}: too many"); return }; match played {
                Ok(worth) => println!("{name}: {worth:?} {:?} {:?}", game.tally, started.elapsed()),
                Err(fault) => {
                    println!("{name}: {:?} {:?}", fault.wrong, game.tally);
                    for line in fault.story.iter().rev() { println!("   {line}"); }
                }
            }
        });
    }
}

//! way out
#![cfg(feature = "machine")]

mod adversary;
mod beginnings;
mod books;
mod broken;
mod canon;
mod game;
mod scene;
mod strategy;

use std::time::Instant;

use beginnings::{NAMES, SILENT, beginning};
use game::{ANY_ONE, Game, Rules};
use scene::{Parts, step};

fn run<T: Send>(play: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(1 << 30);
        thread.spawn_scoped(scope, play).expect("a thread").join().expect("a game")
    })
}

#[test]
fn measure() {
    let wanted = std::env::var("PARTS").unwrap_or_default();
    let rules = Rules {
        in_a_row: std::env::var("ROW").map_or(1, |most| most.parse().unwrap()),
        in_all: std::env::var("ALL").ok().map(|most| most.parse().unwrap()),
    };
    for set in wanted.split(',') {
        let has = |c: char| set.contains(c);
        let parts = Parts { breaker: has('b'), watch: has('w'), books: has('s'), prices: has('p'), link: has('l'), vault: has('v'), papers: has('m') };
        run(move || {
            let started = Instant::now();
            let mut game = Game::new(step, rules);
            for name in NAMES.into_iter().chain((set == "v").then_some(SILENT)).filter(|name| std::env::var("NAMES").map_or(true, |names| names.split(',').any(|known| known == *name))) {
                let was = game.tally;
                match game.play(&beginning(name, parts)) {
                    Ok(worth) => println!("{set} {name:10}: {:8} {:8} {worth:?}", game.tally.states - was.states, game.tally.edges - was.edges),
                    Err(fault) => {
                        println!("{set} {name}: {:?} {:?}", fault.wrong, game.tally);
                        for line in fault.story.iter().rev() { println!("   {line}"); }
                    }
                }
            }
            println!("{set}: {:?} {:.1?}", game.tally, started.elapsed());
        });
    }
    let _ = ANY_ONE;
}


#[test]
fn cost() {
    let n = Parts::NONE;
    for (name, parts) in [("v", Parts { vault: true, ..n }), ("w", Parts { watch: true, ..n }), ("b", Parts { breaker: true, ..n }), ("l", Parts { link: true, ..n })] {
        for from in ["alarm", "held", "evacuated"] {
            for pauses in 0..3u8 { for vetoes in 0..3u8 { run(|| {
                let mut node = beginning(from, parts);
                let council = std::rc::Rc::make_mut(&mut node.state.council);
                council.members[2].pause_rights = pauses;
                council.vetoes_left[2] = vetoes;
                let mut game = Game::new(step, ANY_ONE);
                let w = game.play(&node).map_err(|f| f.wrong);
                println!("{name} {from} {pauses} {vetoes}: {w:?}");
            }) } }
        }
    }
}

use crate::reading::Position;
pub const HOST: [u8; 32] = [0; 32];
pub const POSITIONS: &[Position] = &[];

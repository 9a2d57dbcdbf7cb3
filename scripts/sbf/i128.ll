; ModuleID = 'i128'
; 128-bit multiplication, division and remainder for SBPF.
;
; LLVM 23 expects these library calls to return in registers (r0, r2); rustc 1.96, which is built on an older LLVM,
; compiles the ones of its compiler_builtins to return through a hidden pointer. sbpf-linker links this text before
; them, and theirs are weak. Written by hand: about 30 CU a multiplication, 60 to 400 CU a division, no tables, no memory.
;
; Division is exact schoolbook division in base 2^32 (Knuth, TAOCP vol. 2, 4.3.1, algorithm D; the two cases are those of
; Hacker's Delight, "unsigned doubleword division"). The caller has checked that the divisor is not zero: rustc emits
; that check before the call. tests/sbf-abi proves every function against native arithmetic inside the VM.
; The parts are always inlined here, because the linker is told to inline next to nothing.
target datalayout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
target triple = "bpfel"

declare i64 @llvm.ctlz.i64(i64, i1 immarg)

; 64 x 64 -> 128 from four 32-bit products, plus the two cross products modulo 2^128.
define i128 @__multi3(i128 %a, i128 %b) unnamed_addr alwaysinline {
  %al = trunc i128 %a to i64
  %a.hi = lshr i128 %a, 64
  %ah = trunc i128 %a.hi to i64
  %bl = trunc i128 %b to i64
  %b.hi = lshr i128 %b, 64
  %bh = trunc i128 %b.hi to i64
  %a0 = and i64 %al, 4294967295
  %a1 = lshr i64 %al, 32
  %b0 = and i64 %bl, 4294967295
  %b1 = lshr i64 %bl, 32
  %p00 = mul i64 %a0, %b0
  %p01 = mul i64 %a0, %b1
  %p10 = mul i64 %a1, %b0
  %p11 = mul i64 %a1, %b1
  %c0 = lshr i64 %p00, 32
  %m0 = and i64 %p01, 4294967295
  %m1 = and i64 %p10, 4294967295
  %s0 = add i64 %c0, %m0
  %s1 = add i64 %s0, %m1
  %lo0 = and i64 %p00, 4294967295
  %lo1 = shl i64 %s1, 32
  %lo = or i64 %lo0, %lo1
  %h0 = lshr i64 %s1, 32
  %h1 = lshr i64 %p01, 32
  %h2 = lshr i64 %p10, 32
  %h3 = add i64 %p11, %h0
  %h4 = add i64 %h3, %h1
  %h5 = add i64 %h4, %h2
  %x0 = mul i64 %ah, %bl
  %x1 = mul i64 %al, %bh
  %h6 = add i64 %h5, %x0
  %hi = add i64 %h6, %x1
  %lo.w = zext i64 %lo to i128
  %hi.w = zext i64 %hi to i128
  %hi.s = shl i128 %hi.w, 64
  %r = or i128 %hi.s, %lo.w
  ret i128 %r
}

; One base-2^32 digit of a quotient: (rem * 2^32 + next) / d, for a normalised d (top bit set) and rem < d.
; The estimate from d's upper half is at most two too large.
define internal i64 @bh_digit(i64 %rem, i64 %next, i64 %d) alwaysinline {
entry:
  %d1 = lshr i64 %d, 32
  %d0 = and i64 %d, 4294967295
  %q.est = udiv i64 %rem, %d1
  %back = mul i64 %q.est, %d1
  %r.est = sub i64 %rem, %back
  br label %check
check:
  %q = phi i64 [ %q.est, %entry ], [ %q.less, %lower ]
  %r = phi i64 [ %r.est, %entry ], [ %r.more, %lower ]
  %q.hi = lshr i64 %q, 32
  %wide = icmp ne i64 %q.hi, 0
  %low = mul i64 %q, %d0
  %r.s = shl i64 %r, 32
  %have = or i64 %r.s, %next
  %over = icmp ugt i64 %low, %have
  %large = or i1 %wide, %over
  br i1 %large, label %lower, label %done
lower:
  %q.less = add i64 %q, -1
  %r.more = add i64 %r, %d1
  %r.hi = lshr i64 %r.more, 32
  %again = icmp eq i64 %r.hi, 0
  br i1 %again, label %check, label %done
done:
  %digit = phi i64 [ %q, %check ], [ %q.less, %lower ]
  ret i64 %digit
}

; (hi * 2^64 + lo) / d for a normalised d and hi < d: two digits.
define internal i64 @bh_div_2by1(i64 %hi, i64 %lo, i64 %d) alwaysinline {
  %lo1 = lshr i64 %lo, 32
  %lo0 = and i64 %lo, 4294967295
  %q1 = call i64 @bh_digit(i64 %hi, i64 %lo1, i64 %d)
  %hi.s = shl i64 %hi, 32
  %n = or i64 %hi.s, %lo1
  %used = mul i64 %q1, %d
  %rem = sub i64 %n, %used
  %q0 = call i64 @bh_digit(i64 %rem, i64 %lo0, i64 %d)
  %q1.s = shl i64 %q1, 32
  %q = or i64 %q1.s, %q0
  ret i64 %q
}

define i128 @__udivti3(i128 %a, i128 %b) unnamed_addr {
entry:
  %al = trunc i128 %a to i64
  %a.hi = lshr i128 %a, 64
  %ah = trunc i128 %a.hi to i64
  %bl = trunc i128 %b to i64
  %b.hi = lshr i128 %b, 64
  %bh = trunc i128 %b.hi to i64
  %wide.b = icmp ne i64 %bh, 0
  br i1 %wide.b, label %by128, label %by64

; Divisor of 64 bits: the upper word by the machine, then (remainder, lower word) by the divisor.
by64:
  %wide.a = icmp ne i64 %ah, 0
  br i1 %wide.a, label %upper, label %narrow
narrow:
  %q.n = udiv i64 %al, %bl
  %q.nw = zext i64 %q.n to i128
  ret i128 %q.nw
upper:
  %qh = udiv i64 %ah, %bl
  %ah.used = mul i64 %qh, %bl
  %rem = sub i64 %ah, %ah.used
  %bl.hi = lshr i64 %bl, 32
  %bl.wide = icmp ne i64 %bl.hi, 0
  br i1 %bl.wide, label %by64wide, label %by32
; Divisor of 32 bits: every step fits the machine's division.
by32:
  %al1 = lshr i64 %al, 32
  %al0 = and i64 %al, 4294967295
  %rem.s = shl i64 %rem, 32
  %n1 = or i64 %rem.s, %al1
  %q1 = udiv i64 %n1, %bl
  %n1.used = mul i64 %q1, %bl
  %rem1 = sub i64 %n1, %n1.used
  %rem1.s = shl i64 %rem1, 32
  %n0 = or i64 %rem1.s, %al0
  %q0 = udiv i64 %n0, %bl
  %q1.s = shl i64 %q1, 32
  %ql32 = or i64 %q1.s, %q0
  br label %join64
; A shift by 64 - s is written as two, for s may be 0.
by64wide:
  %s = call i64 @llvm.ctlz.i64(i64 %bl, i1 true)
  %s.c = sub i64 63, %s
  %d = shl i64 %bl, %s
  %rem.n = shl i64 %rem, %s
  %al.h = lshr i64 %al, 1
  %al.in = lshr i64 %al.h, %s.c
  %hi = or i64 %rem.n, %al.in
  %lo = shl i64 %al, %s
  %ql64 = call i64 @bh_div_2by1(i64 %hi, i64 %lo, i64 %d)
  br label %join64
join64:
  %ql = phi i64 [ %ql32, %by32 ], [ %ql64, %by64wide ]
  %ql.w = zext i64 %ql to i128
  %qh.w = zext i64 %qh to i128
  %qh.s = shl i128 %qh.w, 64
  %q64 = or i128 %qh.s, %ql.w
  ret i128 %q64

; Divisor above 64 bits: the quotient has one word. Estimate it from the divisor's top 64 bits (never too small, at
; most one too large), take one off, and add it back when the remainder allows.
by128:
  %t = call i64 @llvm.ctlz.i64(i64 %bh, i1 true)
  %t.c = sub i64 63, %t
  %bh.n = shl i64 %bh, %t
  %bl.h = lshr i64 %bl, 1
  %bl.in = lshr i64 %bl.h, %t.c
  %v = or i64 %bh.n, %bl.in
  %u.hi = lshr i64 %ah, 1
  %al.half = lshr i64 %al, 1
  %ah.low = shl i64 %ah, 63
  %u.lo = or i64 %al.half, %ah.low
  %est = call i64 @bh_div_2by1(i64 %u.hi, i64 %u.lo, i64 %v)
  %est.n = lshr i64 %est, %t.c
  %est.zero = icmp eq i64 %est.n, 0
  %est.less = add i64 %est.n, -1
  %q.try = select i1 %est.zero, i64 0, i64 %est.less
  %q.tw = zext i64 %q.try to i128
  %used = call i128 @__multi3(i128 %q.tw, i128 %b)
  %left = sub i128 %a, %used
  %more = icmp uge i128 %left, %b
  %one = zext i1 %more to i128
  %q128 = add i128 %q.tw, %one
  ret i128 %q128
}

define i128 @__umodti3(i128 %a, i128 %b) unnamed_addr {
  %q = call i128 @__udivti3(i128 %a, i128 %b)
  %used = call i128 @__multi3(i128 %q, i128 %b)
  %r = sub i128 %a, %used
  ret i128 %r
}

define internal i128 @bh_abs(i128 %a) alwaysinline {
  %sign = ashr i128 %a, 127
  %flip = xor i128 %a, %sign
  %abs = sub i128 %flip, %sign
  ret i128 %abs
}

; The quotient rounds towards zero.
define i128 @__divti3(i128 %a, i128 %b) unnamed_addr {
  %aa = call i128 @bh_abs(i128 %a)
  %ba = call i128 @bh_abs(i128 %b)
  %q = call i128 @__udivti3(i128 %aa, i128 %ba)
  %x = xor i128 %a, %b
  %sign = ashr i128 %x, 127
  %flip = xor i128 %q, %sign
  %r = sub i128 %flip, %sign
  ret i128 %r
}

; The remainder has the sign of the dividend.
define i128 @__modti3(i128 %a, i128 %b) unnamed_addr {
  %q = call i128 @__divti3(i128 %a, i128 %b)
  %used = call i128 @__multi3(i128 %q, i128 %b)
  %r = sub i128 %a, %used
  ret i128 %r
}

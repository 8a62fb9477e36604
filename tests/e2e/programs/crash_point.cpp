#include "crash_point.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <iterator>
#include <thread>

#include <sys/syscall.h>
#include <unistd.h>

namespace leat::testing {

namespace {

crash_wish wish;
std::atomic<int> passings{0};
std::atomic<int> unrestored{0};
std::atomic<bool> storing{false};
std::atomic<bool> folding{false};
std::atomic<bool> others_stand{false};

void say(std::string_view line) noexcept {
  if (write(STDERR_FILENO, line.data(), line.size()) < 0)
    std::terminate();
}

/// Stops by a signal to this thread, which otherwise might run on for a while.
void end() noexcept {
  if (!wish.freezes)
    kill(getpid(), SIGKILL);
  if (wish.point == "half-produced")
    std::this_thread::sleep_for(std::chrono::milliseconds{300}); // so that this half is with the broker
  raise(SIGSTOP);
}

[[noreturn]] void stand_still() noexcept {
  for (;;)
    std::this_thread::sleep_for(std::chrono::hours{1});
}

std::string name_of(transaction_point point) {
  constexpr const char* names[] = {"begun", "half-produced", "produced", "ending", "answered"};
  return names[static_cast<std::size_t>(point)];
}

/// Ends the process from another thread, and says whether that was in the middle.
void end_soon() {
  std::thread{[] {
    const auto when = std::chrono::steady_clock::now() + wish.delay;
    while (std::chrono::steady_clock::now() < when)
      continue;
    if (storing)
      say("killed while a checkpoint is stored\n");
    end();
  }}.detach();
}

} // namespace

bool crash_wish::is_in_storage() const {
  constexpr std::string_view points[] = {"complete", "storing", "pages-written",      "pages-synced",      "stored",
                                         "folding",  "folded",  "fold-pages-written", "fold-pages-synced", "read"};
  return std::ranges::find(points, point) != std::end(points);
}

void wish_crash(crash_wish what) { wish = std::move(what); }

void pass(std::string_view point) noexcept {
  if (point == wish.point && ++passings == wish.after)
    end();
}

void pass_transaction(const std::string& sink, transaction_point point) noexcept {
  pass(name_of(point));
  if (unrestored > 0)
    pass("rewriting-" + name_of(point));
  if (!wish.point.ends_with("-only"))
    return;
  const bool wished = wish.point == sink + "-only";
  if (!wished && point == transaction_point::begun && ++passings >= wish.after) {
    others_stand = true;
    stand_still();
  }
  if (wished && point == transaction_point::answered && others_stand)
    end();
}

void pass_restore_begun() noexcept { ++unrestored; }

void pass_restored() noexcept {
  if (--unrestored == 0)
    say("all writers are restored\n");
}

void pass_storing() noexcept {
  pass("complete");
  storing = true;
  if (wish.point == "storing" && ++passings == wish.after)
    end_soon();
}

void pass_stored() noexcept {
  storing = false;
  pass("stored");
}

void pass_folding() noexcept {
  pass("folding");
  folding = true;
}

void pass_folded() noexcept {
  folding = false;
  pass("folded");
}

} // namespace leat::testing

/// Takes the place of the C library's, so that a crash can be between LMDB's writes: pages, these synced, and the page that makes
/// them the last checkpoint.
extern "C" int fdatasync(int file) {
  if (leat::testing::storing)
    leat::testing::pass("pages-written");
  if (leat::testing::folding)
    leat::testing::pass("fold-pages-written");
  const auto result = static_cast<int>(syscall(SYS_fdatasync, file));
  if (leat::testing::storing)
    leat::testing::pass("pages-synced");
  if (leat::testing::folding)
    leat::testing::pass("fold-pages-synced");
  return result;
}

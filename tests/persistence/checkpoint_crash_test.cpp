// Processes that are killed while they write, and disks that refuse: the checkpoint before or the one that was written, whole.

#include <leat/base/error.hpp>
#include <leat/persistence/checkpoint_store.hpp>
#include <leat/tests/persistence/store_fixture.hpp>
#include <leat/tests/support/in_child.hpp>
#include <leat/tests/support/small_disk.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace leat;
using namespace leat::testing;

namespace {

// Writes checkpoints for ever and says after each that it is durable.
[[noreturn]] void write_for_ever(const std::string& directory, unsigned seed, int said) {
  checkpoint_store store{directory, eager_folds()};
  for (auto n = store.manifest().checkpoint + 1;; ++n) {
    if (!write_checkpoint(store, n, checkpoint_of_seed(seed, n)))
      ::_exit(1);
    if (::write(said, &n, sizeof n) != sizeof n)
      ::_exit(1);
    if (n % 2 == 0 && !store.fold_some(30'000).written)
      ::_exit(1);
  }
}

// Runs that until it has said `after` numbers and `then` more microseconds are over. @returns the last number it said.
std::uint64_t killed_writer(const std::string& directory, unsigned seed, int after, std::chrono::microseconds then) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  if (child == 0)
    [&]() noexcept { write_for_ever(directory, seed, ends[1]); }();
  ::close(ends[1]);
  std::uint64_t last = 0;
  for (int i = 0; i < after; ++i)
    REQUIRE(::read(ends[0], &last, sizeof last) == sizeof last);
  std::this_thread::sleep_for(then); // any moment will do
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  while (::read(ends[0], &last, sizeof last) == sizeof last) {
  }
  ::close(ends[0]);
  return last;
}

changes large_checkpoint(std::uint64_t number, std::size_t bytes) {
  changes made;
  made.list.push_back({"totals", 1, "sum", "large-" + std::to_string(number), std::string(bytes, 'x')});
  return made;
}

} // namespace

TEST_CASE("a process killed at any moment leaves the checkpoint it said was durable, or the next one, whole") {
  const temporary_folder folder;
  std::mt19937 random{7};
  std::uint64_t last = 0;
  for (int round = 0; round < 60; ++round) {
    const auto said =
      killed_writer(folder.path(), 21, static_cast<int>(random() % 4), std::chrono::microseconds{random() % 12'000});
    last = std::max(last, said);
    CAPTURE(round, last);
    const checkpoint_store store{folder.path()};
    const auto found = store.manifest().checkpoint;
    REQUIRE((found == last || found == last + 1));
    REQUIRE(contents_of(store) == contents_of_seed(21, found));
    last = found;
  }
  CHECK(last > 60);
}

TEST_CASE("a full disk fails the checkpoint; the one before stays, and the next is written when there is room") {
  const temporary_folder folder;
  const small_disk disk{folder.path(), "3m"};
  if (!disk.mounted()) {
    WARN("skipped: needs the right to mount a small tmpfs");
    return;
  }
  checkpoint_store store{folder.path()};
  const auto first = checkpoint_of_seed(1, 1);
  REQUIRE(write_checkpoint(store, 1, first));
  const auto refused = write_checkpoint(store, 2, large_checkpoint(2, 8'000'000));
  CHECK(refused.what == write_result::outcome::disk_full);
  CHECK_THAT(refused.text, Catch::Contains("free some space"));
  CHECK(store.manifest().checkpoint == 1);
  CHECK(contents_of(store) == contents_of_seed(1, 1));
  REQUIRE(write_checkpoint(store, 3, checkpoint_of_seed(1, 2)));
  CHECK(contents_of(store) == contents_of_seed(1, 2));
}

TEST_CASE("a limit on the size of files fails the checkpoint and leaves the one before, also to another process") {
  const temporary_folder folder;
  const auto code = in_child([&] {
    checkpoint_store store{folder.path()};
    bool good = bool(write_checkpoint(store, 1, checkpoint_of_seed(3, 1)));
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1'000'000, RLIM_INFINITY};
    good = good && ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
    good = good && write_checkpoint(store, 2, large_checkpoint(2, 4'000'000)).what == write_result::outcome::disk_full;
    good = good && write_checkpoint(store, 3, checkpoint_of_seed(3, 2));
    return good ? 0 : 1;
  });
  CHECK(code == 0);
  const checkpoint_store store{folder.path()};
  CHECK(contents_of(store) == contents_of_seed(3, 2));
}

TEST_CASE("a map that is full grows, but not under the feet of a view") {
  const temporary_folder folder;
  checkpoint_store_options small;
  small.map_bytes = 1 << 20;
  checkpoint_store store{folder.path(), small};
  REQUIRE(write_checkpoint(store, 1, large_checkpoint(1, 5'000'000)));
  {
    const auto view = store.view();
    CHECK(write_checkpoint(store, 2, large_checkpoint(2, 90'000'000)).what == write_result::outcome::map_full);
    CHECK(contents_of(view).size() == 1);
  }
  REQUIRE(write_checkpoint(store, 3, large_checkpoint(3, 90'000'000)));
  CHECK(contents_of(store).size() == 2);
}

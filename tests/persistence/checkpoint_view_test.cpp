#include <leat/persistence/checkpoint_view.hpp>

#include <leat/base/error.hpp>
#include <leat/persistence/checkpoint_store.hpp>
#include <leat/persistence/lmdb/lmdb_pages.hpp>
#include <leat/persistence/retained_checkpoints.hpp>
#include <leat/tests/persistence/store_fixture.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

changes entry(std::uint16_t group, const std::string& key, const std::string& value) {
  return {{{"totals", group, "sum", key, value}}};
}

std::vector<std::string> scanned(const checkpoint_view& view, const std::function<bool(std::uint16_t)>& wanted = {}) {
  std::vector<std::string> keys;
  view.scan(
    "totals", "sum",
    [&](const stored_entry& e) {
      keys.push_back(std::string{e.key} + "=" + std::string{e.value});
      return true;
    },
    wanted);
  return keys;
}

} // namespace

TEST_CASE("a view stays what it was, whatever is written and folded after it") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  REQUIRE(write_checkpoint(store, 1, checkpoint_of_seed(5, 1)));
  const auto view = store.view();
  for (std::uint64_t n = 2; n < 20; ++n) {
    REQUIRE(write_checkpoint(store, n, checkpoint_of_seed(5, n)));
    REQUIRE(store.fold_some(3'000).written);
    CHECK(contents_of(view) == contents_of_seed(5, 1));
  }
  CHECK(view.manifest().checkpoint == 1);
  CHECK(contents_of(store) == contents_of_seed(5, 19));
}

TEST_CASE("a fold in the middle of a scan does not change what the scan sees") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  for (std::uint64_t n = 1; n <= 9; ++n)
    REQUIRE(write_checkpoint(store, n, entry(static_cast<std::uint16_t>(n % 3), "key-" + std::to_string(n), "v")));
  const auto expected = scanned(store.view());
  REQUIRE(expected.size() == 9);
  std::vector<std::string> seen;
  const auto view = store.view();
  std::uint64_t number = 9;
  view.scan("totals", "sum", [&](const stored_entry& e) {
    seen.push_back(std::string{e.key} + "=" + std::string{e.value});
    const auto newer = entry(1, "key-" + std::to_string(number % 10), "new");
    REQUIRE(write_checkpoint(store, ++number, newer));
    REQUIRE(store.fold_some(1).written);
    return true;
  });
  CHECK(seen == expected);
}

TEST_CASE("a scan is in the order of keys over all groups, of base and deltas, and takes only the groups wanted") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  REQUIRE(write_checkpoint(
    store, 1, {{{"totals", 2, "sum", "a", "1"}, {"totals", 1, "sum", "b", "1"}, {"totals", 1, "count", "x", "1"}}}));
  REQUIRE(store.fold_some().written);
  REQUIRE(write_checkpoint(
    store, 2, {{{"totals", 1, "sum", "c", "2"}, {"totals", 2, "sum", "a", "2"}, {"totals", 3, "sum", "bb", "2"}}}));
  const auto view = store.view();
  CHECK(scanned(view) == std::vector<std::string>{"a=2", "b=1", "bb=2", "c=2"});
  CHECK(scanned(view, [](auto group) { return group == 1; }) == std::vector<std::string>{"b=1", "c=2"});
}

TEST_CASE("a state is walked group by group, each in the order of keys, until the visitor has enough") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  REQUIRE(write_checkpoint(store, 1, {{{"totals", 2, "sum", "a", "1"}, {"totals", group_of_all, "sum", "all", "1"}}}));
  REQUIRE(store.fold_some().written);
  REQUIRE(write_checkpoint(store, 2, {{{"totals", 2, "sum", "b", "2"}, {"totals", 1, "sum", "c", "2"}}}));
  const auto view = store.view();
  CHECK(view.groups("totals") == std::vector<std::uint16_t>{1, 2, group_of_all});
  std::string seen;
  const auto note = [&](const stored_entry& e) {
    seen += e.key;
    return e.key != "a";
  };
  CHECK(view.scan_group("totals", "sum", 1, note));
  CHECK_FALSE(view.scan_group("totals", "sum", 2, note));
  CHECK(seen == "ca");
  CHECK(view.scan_group("totals", "count", 2, note));
  CHECK(view.scan_group("totals", "sum", 7, note));
  CHECK(seen == "ca");
  CHECK_THROWS_WITH(view.scan_group("totals", "max", 1, note), Contains("no state `max`"));
  CHECK_THROWS_WITH(view.groups("sums"), Contains("no step `sums`"));
}

TEST_CASE("the manifest of a file is read without the rest of it") {
  const temporary_folder folder;
  {
    checkpoint_store store{folder.path()};
    REQUIRE(write_checkpoint(store, 1, checkpoint_of_seed(5, 1)));
    REQUIRE(write_checkpoint(store, 2, checkpoint_of_seed(5, 2)));
    store.retain();
  }
  const auto last = read_manifest(folder.path("checkpoints.mdb"), false);
  CHECK(last.checkpoint == 2);
  CHECK(last.job == "orders");
  CHECK(read_manifest(folder.path("retained/2.mdb"), true).steps.size() == last.steps.size());
  CHECK_THROWS_AS(read_manifest(folder.path("retained/2.mdb"), false), state_error);
  CHECK_THROWS_AS(read_manifest(folder.path("gone.mdb"), false), state_error);
}

TEST_CASE("one entry is found in deltas and base, and a removed or unknown one is not") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  REQUIRE(write_checkpoint(
    store, 1, {{{"totals", 1, "sum", "a", "1"}, {"totals", 1, "sum", "b", "1"}, {"totals", 1, "sum", "c", "1"}}}));
  REQUIRE(store.fold_some().written);
  REQUIRE(write_checkpoint(store, 2, {{{"totals", 1, "sum", "a", "2"}, {"totals", 1, "sum", "b", std::nullopt}}}));
  const auto view = store.view();
  CHECK(view.get("totals", "sum", 1, "a") == "2");
  CHECK(view.get("totals", "sum", 1, "c") == "1");
  CHECK_FALSE(view.get("totals", "sum", 1, "b"));
  CHECK_FALSE(view.get("totals", "sum", 2, "a"));
  CHECK_THROWS_WITH(view.get("totals", "max", 1, "a"), Contains("no state `max`"));
  CHECK_THROWS_WITH(view.get("sums", "sum", 1, "a"), Contains("no step `sums`"));
}

TEST_CASE("another process reads the last checkpoint while the job writes, and keeps it for as long as it reads") {
  const temporary_folder folder;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto job = ::fork(); // LMDB must not be taken across a fork, so the job is the child
  if (job == 0)
    [&]() noexcept {
      checkpoint_store store{folder.path(), eager_folds()};
      for (std::uint64_t n = 1; write_checkpoint(store, n, checkpoint_of_seed(8, n)) && store.fold_some(3'000).written; ++n)
        if (::write(ends[1], "x", 1) != 1)
          break;
      ::_exit(1);
    }();
  char durable = 0;
  REQUIRE(::read(ends[0], &durable, 1) == 1);
  for (int i = 0; i < 30; ++i) {
    const auto view = checkpoint_view::open(folder.path());
    const auto number = view.manifest().checkpoint;
    REQUIRE(::read(ends[0], &durable, 1) == 1);
    CHECK(contents_of(view) == contents_of_seed(8, number));
  }
  ::kill(job, SIGKILL);
  ::waitpid(job, nullptr, 0);
}

TEST_CASE("a reader that was killed keeps no pages: the job's file does not grow because of it") {
  const temporary_folder folder;
  int begin[2];
  int has_view[2];
  REQUIRE(::pipe(begin) == 0);
  REQUIRE(::pipe(has_view) == 0);
  const auto reader = ::fork(); // before LMDB is opened here
  if (reader == 0)
    [&]() noexcept {
      char byte = 0;
      if (::read(begin[0], &byte, 1) != 1)
        ::_exit(1);
      const auto view = checkpoint_view::open(folder.path());
      if (::write(has_view[1], "x", 1) == 1)
        ::pause();
      ::_exit(1);
    }();
  checkpoint_store store{folder.path(), eager_folds()};
  std::uint64_t number = 0;
  const auto replace_everything = [&] {
    changes c{{{"totals", 1, "sum", "key", std::string(100'000, 'x')}}, {{"totals", 1}}};
    REQUIRE(write_checkpoint(store, ++number, c));
    REQUIRE(store.fold_some().written);
  };
  replace_everything();
  char byte = 0;
  REQUIRE(::write(begin[1], "x", 1) == 1);
  REQUIRE(::read(has_view[0], &byte, 1) == 1);
  ::kill(reader, SIGKILL);
  ::waitpid(reader, nullptr, 0);
  for (int i = 0; i < 50; ++i)
    replace_everything();
  CHECK(std::filesystem::file_size(folder.path("checkpoints.mdb")) < 2'000'000);
}

TEST_CASE("a view that is too old says so, also in the middle of a scan") {
  const temporary_folder folder;
  checkpoint_store store{folder.path()};
  REQUIRE(write_checkpoint(store, 1, entry(1, "a", "1")));
  const auto view = store.view(std::chrono::milliseconds{-1});
  CHECK_THROWS_AS(view.get("totals", "sum", 1, "a"), view_too_old);
  CHECK_THROWS_AS(view.scan_group("totals", "sum", 1, [](const auto&) { return true; }), view_too_old);
  CHECK_THROWS_WITH(scanned(view), Contains("take a new one"));
}

TEST_CASE("a retained copy is taken while the owner writes, and is some checkpoint whole") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  REQUIRE(write_checkpoint(store, 1, checkpoint_of_seed(9, 1)));
  std::atomic<bool> done = false;
  std::uint64_t retained = 0;
  std::thread copier{[&] {
    for (int i = 0; i < 5; ++i)
      retained = store.retain();
    done = true;
  }};
  std::uint64_t n = 1;
  while (!done) {
    ++n;
    if (!write_checkpoint(store, n, checkpoint_of_seed(9, n)) || !store.fold_some(3'000).written)
      break;
  }
  copier.join();
  const retained_checkpoints copies{folder.path()};
  const auto numbers = copies.list();
  REQUIRE(!numbers.empty());
  CHECK(numbers.back() == retained);
  for (const auto number : numbers)
    CHECK(contents_of(checkpoint_view::open_copy(copies.path(number))) == contents_of_seed(9, number));
}

TEST_CASE("retained checkpoints are listed, the oldest go, and nothing unfinished is left") {
  const temporary_folder folder;
  checkpoint_store store{folder.path()};
  const retained_checkpoints copies{folder.path()};
  for (std::uint64_t n = 1; n <= 12; ++n) {
    REQUIRE(write_checkpoint(store, n, checkpoint_of_seed(10, n)));
    CHECK(store.retain() == n);
  }
  copies.keep_newest(3);
  CHECK(copies.list() == std::vector<std::uint64_t>{10, 11, 12});
  copies.remove(11);
  CHECK_THROWS_AS(copies.verify(11), state_error);
  CHECK(folder.names("retained") == std::vector<std::string>{"10.mdb", "12.mdb"});
}

// A disk that fails at the last write of a checkpoint: LMDB refuses everything then until its file is opened anew.

#include <leat/base/error.hpp>
#include <leat/persistence/checkpoint_store.hpp>
#include <leat/tests/persistence/recorded_disk.hpp>
#include <leat/tests/persistence/store_fixture.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <thread>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

/// A store with a checkpoint, and the one after it come to nothing: each has the value of one key, its number.
struct failing_disk {
  explicit failing_disk(std::chrono::milliseconds patience = 1ms)
    : store{std::make_unique<checkpoint_store>(folder.path(), checkpoint_store_options{.patience = patience})} {
    REQUIRE(write(1));
    readers.push_back(store->lookup("totals", 128));
    readers.push_back(store->lookup("totals", 128));
  }

  write_result write(std::uint64_t number) const {
    changes made;
    made.list.push_back({"totals", 1, "sum", "key", std::to_string(number)});
    return write_checkpoint(*store, number, made);
  }

  void fail_at(std::uint64_t number) const {
    fail_durable_writes(1);
    CHECK(write(number).what == write_result::outcome::io_error);
    fail_durable_writes(0);
  }

  [[nodiscard]] std::string found_by(std::size_t reader) const {
    constexpr auto hash_in_group_1 = std::uint64_t{1} << 41;
    return std::string{readers[reader]->find("sum", hash_in_group_1, "key").value_or("nothing")};
  }

  [[nodiscard]] std::string kept() const { return contents_of(*store).begin()->second; }

  const temporary_folder folder;
  std::unique_ptr<checkpoint_store> store;
  std::vector<std::unique_ptr<stored_entries>> readers;
};

} // namespace

TEST_CASE("a checkpoint whose last write fails comes to nothing, and the next is written; again after a restart") {
  failing_disk f;
  f.fail_at(2);
  CHECK(f.kept() == "1");
  REQUIRE(f.write(3));
  CHECK(f.kept() == "3");
  f.fail_at(4);
  f.readers.clear();
  f.store.reset();
  f.store = std::make_unique<checkpoint_store>(f.folder.path());
  CHECK(f.kept() == "3");
}

TEST_CASE("who reads when the last write fails reads on; when all have let go, checkpoints are written again") {
  failing_disk f;
  CHECK(f.found_by(0) == "1");
  f.fail_at(2);
  CHECK(f.found_by(0) == "1");
  CHECK(f.write(3).what == write_result::outcome::io_error);
  f.readers[0]->close();
  CHECK(f.found_by(0) == "1"); // the file was opened anew
  REQUIRE(f.write(4));
  f.readers[0]->refresh();
  CHECK(f.found_by(0) == "4");
}

TEST_CASE("who begins to read after the last write has failed does not wait for the others for ever") {
  failing_disk f{1ms};
  CHECK(f.found_by(0) == "1");
  f.fail_at(2);
  CHECK_THROWS_WITH(f.found_by(1), Contains("the disk failed while a checkpoint was written") && Contains("a restart"));
}

TEST_CASE("all who begin to read after the last write has failed wait for the others") {
  failing_disk f{1min};
  f.readers.push_back(f.store->lookup("totals", 128));
  CHECK(f.found_by(0) == "1");
  f.fail_at(2);
  std::vector<std::future<std::string>> found;
  for (const std::size_t reader : {1, 2})
    found.push_back(std::async(std::launch::async, [&f, reader] { return f.found_by(reader); }));
  for (const auto& one : found)
    CHECK(one.wait_for(100ms) == std::future_status::timeout);
  f.readers[0]->close();
  CHECK(found[0].get() == "1");
  CHECK(found[1].get() == "1");
  f.readers.clear();
  REQUIRE(f.write(3));
  CHECK(f.kept() == "3");
}

TEST_CASE("a store whose last write has failed, and that others read until it ends, is whole at the next start") {
  failing_disk f;
  CHECK(f.found_by(0) == "1");
  f.fail_at(2);
  f.readers.clear();
  f.store.reset();
  f.store = std::make_unique<checkpoint_store>(f.folder.path());
  CHECK(f.kept() == "1");
}

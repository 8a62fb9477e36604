#include <leat/tests/apps/leat_fixture.hpp>

#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/sinks/exactly_once_end.hpp>
#include <leat/apps/leat/stored_types.hpp>
#include <leat/base/xxh3.hpp>
#include <leat/connectors/transactional_writer.hpp>
#include <leat/persistence/store_format.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

/// A job with two checkpoints, the first one retained.
struct two_checkpoints : leat_fixture {
  two_checkpoints() {
    describe<std::string, std::int64_t>("sums", "sum");
    for (std::int32_t number : {1, 0})
      put("orders", saved_position({"orders", number}, {100 + number, from_millis(5'000 * number)}));
    put("alerts", {std::string{epoch_logs_state}, encoded(epoch_log_name{1, 2}), "records", state_owner::anyone});
    for (int n = 0; n < 50; ++n)
      put("sums", "sum", "user " + std::to_string(n), std::int64_t{n});
    checkpoint();
    retained = retain();
    put("sums", "sum", std::string{"ada"}, std::int64_t{1});
    job.time += 1s;
    checkpoint();
  }

  [[nodiscard]] std::string last() const { return directory() + "/" + store_format::file; }
  [[nodiscard]] static std::string bytes_of(const std::string& file) {
    return std::to_string(std::filesystem::file_size(file));
  }

  /// Replaces what is found in a file.
  static void damage(const std::string& file, const std::string& what, const std::string& by) {
    std::ostringstream all;
    all << std::ifstream{file, std::ios::binary}.rdbuf();
    auto bytes = all.str();
    REQUIRE(bytes.find(what) != std::string::npos);
    for (auto at = bytes.find(what); at != std::string::npos; at = bytes.find(what, at + 1))
      bytes.replace(at, by.size(), by);
    std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
  }

  std::string retained;
};

} // namespace

TEST_CASE_METHOD(two_checkpoints, "the checkpoints of a directory are listed, and who writes to it") {
  const auto text = output({"savepoint", "list", directory()});
  CHECK_THAT(
    text,
    Contains("1           2023-11-14T22:13:20.000Z  ") && Contains("shop  " + retained + "  ") && Contains("  retained\n"));
  CHECK_THAT(text, Contains("2           2023-11-14T22:13:21.000Z  ") && Contains("  the last, written by process "));
  stop();
  CHECK_THAT(output({"savepoint", "list", directory()}), Contains("  the last\n"));
  CHECK(
    output({"savepoint", "list", directory(), "--json"}) ==
    R"({"checkpoints":[{"checkpoint":1,"job":"shop","time":"2023-11-14T22:13:20.000Z","file":")" + retained +
      R"(","bytes":)" + bytes_of(retained) +
      R"(,"last":false,"damage":""},{"checkpoint":2,"job":"shop","time":"2023-11-14T22:13:21.000Z","file":")" + last() +
      R"(","bytes":)" + bytes_of(last()) + ",\"last\":true,\"damage\":\"\"}]}\n");
}

TEST_CASE_METHOD(two_checkpoints, "a checkpoint says where its job's sources are, and what is still to be written") {
  CHECK_THAT(
    output({"savepoint", "inspect", retained}),
    Contains(
      "Checkpoint   1\nJob          shop\nTime         2023-11-14T22:13:20.000Z\nParallelism  4, keys in 128 groups\n") &&
      Contains(R"(
STEP    UID     PARALLELISM  STATE            KEY                              VALUE
sums    sums    2            sum              text                             int64
orders  orders  -            leat.positions   {topic: text, partition: int32}  {offset: int64, watermark: timestamp, evidence: text}
alerts  alerts  -            leat.epoch_logs  {shard: uint32, epoch: uint64}   -

SOURCE  PARTITION  NEXT OFFSET  WATERMARK
orders  orders/0   100          1970-01-01T00:00:00.000Z
orders  orders/1   101          1970-01-01T00:00:05.000Z

SINK    ACTOR  EPOCH TO BE WRITTEN  BYTES
alerts  1      2                    7
)"));
  CHECK_THAT(
    output({"savepoint", "inspect", directory(), "--checkpoint", "1", "--json"}),
    Contains(
      R"("positions":[{"source":"orders","topic":"orders","partition":0,"offset":100,"watermark":"1970-01-01T00:00:00.000Z"},)") &&
      Contains(R"("epoch_logs":[{"sink":"alerts","actor":1,"epoch":2,"bytes":7}]})") &&
      Contains(R"("steps":[{"uid":"sums","name":"sums","parallelism":2,)"
               R"("states":[{"name":"sum","key_type":"text","value_type":"int64"}]},)"));
}

TEST_CASE_METHOD(two_checkpoints, "positions of sources are read as any state") {
  CHECK(
    output({"state", "get", directory(), "orders", "leat.positions", R"({"topic": "orders", "partition": 1})"}) ==
    "{\"offset\":101,\"watermark\":\"1970-01-01T00:00:05.000Z\",\"evidence\":\"\"}\n");
}

TEST_CASE_METHOD(two_checkpoints, "whole checkpoints are whole, and each is asked for by its number") {
  const auto text = output({"savepoint", "verify", directory()});
  CHECK_THAT(text, Contains("1           53       ") && Contains("2           54       "));
  CHECK_THAT(output({"savepoint", "verify", directory(), "--checkpoint", "2"}), !Contains("retained"));
  CHECK_THAT(output({"state", "list", directory(), "--checkpoint", "1"}), Contains("Checkpoint 1 of job shop"));
  const auto none = leat({"state", "list", directory(), "--checkpoint", "7"});
  CHECK(none.exit == 2);
  CHECK(none.err == "leat: " + directory() + ": has no checkpoint 7. The last one is 2. Retained: 1\n");
}

TEST_CASE_METHOD(two_checkpoints, "what is damaged is named, and the rest is whole") {
  stop();
  damage(retained, "user 7", "user 8");
  const auto verified = leat({"savepoint", "verify", directory(), "--json"});
  CHECK(verified.exit == 1);
  CHECK_THAT(verified.out, Contains(R"("whole":false,"damage":")") && Contains("its checksum does not fit"));
  CHECK_THAT(verified.out, Contains(R"("checkpoint":2,"entries":54)") && Contains(R"("whole":true,"damage":"")"));
  const auto table = leat({"savepoint", "verify", retained});
  CHECK(table.exit == 1);
  CHECK_THAT(table.out, Contains("its checksum does not fit"));
  const auto read = leat({"state", "list", retained});
  CHECK(read.exit == 1);
  CHECK_THAT(read.err, Contains("its checksum does not fit"));
}

TEST_CASE_METHOD(two_checkpoints, "an export that meets damage leaves no file that looks whole") {
  damage(retained, "user 7", "user 8");
  CHECK(leat({"state", "export", retained, "--output", folder.path("all.json")}).exit == 1);
  CHECK_FALSE(std::filesystem::exists(folder.path("all.json")));
}

TEST_CASE_METHOD(two_checkpoints, "a file that is cut off, or something else, is refused with its name") {
  std::filesystem::resize_file(retained, 20'000);
  const auto listed = output({"savepoint", "list", directory()});
  CHECK_THAT(listed, Contains("?") && Contains("is cut off"));
  folder.append("notes.txt", std::string(10'000, 'x'));
  const auto notes = leat({"savepoint", "inspect", folder.path("notes.txt")});
  CHECK(notes.exit == 1);
  CHECK_THAT(notes.err, Contains("notes.txt"));
}

TEST_CASE_METHOD(two_checkpoints, "a checkpoint of a version to come is told from a damaged one") {
  constexpr std::uint32_t next = store_format::version + 1;
  const auto view = checkpoint_view::open_copy(retained);
  const auto bytes = encoded(view.manifest());
  const auto body = bytes.substr(store_format::manifest_head);
  std::string newer;
  byte_writer to{newer};
  to.fixed(store_format::magic);
  to.fixed(next);
  to.fixed(
    std::uint64_t{XXH3_64bits_withSeed(body.data(), body.size(), (std::uint64_t{store_format::magic} << 32) | next)});
  const auto copy = folder.path("newer.mdb");
  std::filesystem::copy_file(retained, copy);
  damage(copy, bytes.substr(0, store_format::manifest_head), newer);
  const auto refused = leat({"state", "list", copy});
  CHECK(refused.exit == 1);
  CHECK_THAT(refused.err, Contains("written by a newer version of Leat"));
}

TEST_CASE_METHOD(
  two_checkpoints, "retained checkpoints are deleted, and the last one only by its name and of no running job") {
  CHECK(output({"savepoint", "delete", directory(), "1"}) == "");
  CHECK_FALSE(std::filesystem::exists(retained));
  CHECK_THAT(
    leat({"savepoint", "delete", directory(), "2"}).err,
    Contains("it is the one that the job goes on from") && Contains("delete --help` says how the job begins then"));
  CHECK_THAT(output({"savepoint", "delete", "--help"}), Contains("kafka.allow-duplicates is set"));
  CHECK_THAT(leat({"savepoint", "delete", directory()}).err, Contains("which one?"));
  const auto live = leat({"savepoint", "delete", directory() + "/checkpoints.mdb"});
  CHECK(live.exit == 2);
  CHECK_THAT(live.err, Contains("is what the job goes on from") && Contains("last` deletes it"));
  const auto held = leat({"savepoint", "delete", directory(), "last"});
  CHECK(held.exit == 1);
  CHECK_THAT(held.err, Contains(" holds this checkpoint") && Contains("Stop the job first"));
  CHECK(std::filesystem::exists(last()));
  stop();
  CHECK(output({"savepoint", "delete", directory(), "last"}) == "");
  CHECK(checkpoint_store{directory()}.manifest().checkpoint == 0); // it begins anew
}

TEST_CASE_METHOD(two_checkpoints, "of several that are to be deleted none is, when one is not there") {
  CHECK(leat({"savepoint", "delete", directory(), "1", "9"}).exit == 2);
  CHECK(std::filesystem::exists(retained));
}

TEST_CASE_METHOD(two_checkpoints, "a file that is no checkpoint is not deleted") {
  folder.append("notes.txt", std::string(10'000, 'x'));
  CHECK(leat({"savepoint", "delete", folder.path("notes.txt")}).exit == 1);
  CHECK(folder.text("notes.txt").size() == 10'000);
  const auto copy = folder.path("copy.mdb");
  std::filesystem::copy_file(retained, copy);
  CHECK(output({"savepoint", "delete", copy}) == "");
  CHECK_FALSE(std::filesystem::exists(copy));
}

TEST_CASE("a job that has not made a checkpoint yet is told so") {
  const leat_fixture f;
  const auto result = f.leat({"state", "list", f.directory()});
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, Contains("holds no checkpoint yet"));
  CHECK_THAT(f.output({"savepoint", "list", f.directory()}), Contains("\nnone yet ") && !Contains("1970"));
  CHECK(f.output({"savepoint", "list", f.directory(), "--json"}) == "{\"checkpoints\":[]}\n");
  CHECK_THAT(f.output({"savepoint", "verify", f.directory()}), Contains("\nnone yet ")); // there is nothing wrong with that
  CHECK(f.output({"savepoint", "verify", f.directory(), "--json"}) == "");
}

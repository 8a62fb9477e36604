#include <leat/persistence/checkpoint_store.hpp>

#include <leat/base/bytes.hpp>
#include <leat/base/error.hpp>
#include <leat/base/key_group.hpp>
#include <leat/base/key_hash.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>
#include <leat/persistence/store_format.hpp>
#include <leat/tests/persistence/store_fixture.hpp>
#include <leat/tests/support/changed_manifest.hpp>
#include <leat/tests/support/in_child.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

// One entry of `totals`, in state `sum` and group 1.
changes one(const std::string& key, std::optional<std::string> value) {
  return {{{"totals", 1, "sum", key, std::move(value)}}};
}

store_contents only(const std::string& key, const std::string& value) { return {{{"totals", "sum", 1, key}, value}}; }

} // namespace

TEST_CASE("a new directory holds checkpoint 0 and nothing else") {
  const temporary_folder folder;
  const checkpoint_store store{folder.path("state/of/orders")};
  CHECK(store.manifest().checkpoint == 0);
  CHECK(contents_of(store).empty());
}

TEST_CASE("of a key the newest value is restored, and a removed key is gone") {
  const temporary_folder folder;
  checkpoint_store store{folder.path()};
  REQUIRE(write_checkpoint(store, 1, one("a", "1")));
  REQUIRE(write_checkpoint(store, 2, one("a", "2")));
  CHECK(contents_of(store) == only("a", "2"));
  REQUIRE(write_checkpoint(store, 3, one("a", std::nullopt)));
  CHECK(contents_of(store).empty());
}

TEST_CASE("what is said to be all of a group takes away what older checkpoints had, and nothing of its own") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  REQUIRE(write_checkpoint(store, 1, one("old", "1")));
  REQUIRE(store.fold_some().written);
  REQUIRE(write_checkpoint(store, 2, one("older", "1")));
  store.begin(3);
  for (const auto* key : {"a", "b"}) {
    delta_writer all{"totals", 1, true};
    all.put("sum", key, key);
    store.add(std::make_shared<const actor_state>(1, all.take()));
  }
  REQUIRE(store.commit(job_manifest()));
  const store_contents expected{{{"totals", "sum", 1, "a"}, "a"}, {{"totals", "sum", 1, "b"}, "b"}};
  CHECK(contents_of(store) == expected);
  REQUIRE(store.fold_some().deltas == 4);
  CHECK(contents_of(store) == expected);
}

TEST_CASE("logs that were removed again are gone without having been written twice") {
  const temporary_folder folder;
  checkpoint_store store{folder.path()};
  const std::string log(100'000, 'l');
  for (std::uint64_t n = 1; n <= 30; ++n) {
    changes made{{{"sink", group_of_anyone, "log", std::to_string(n), log}}};
    if (n > 2)
      made.list.push_back({"sink", group_of_anyone, "log", std::to_string(n - 2), std::nullopt});
    REQUIRE(write_checkpoint(store, n, made));
    REQUIRE(store.fold_some().deltas == 0);
    const auto& held = store.manifest().step("sink")->contents;
    CHECK(held.entries == 0); // in the base
    CHECK(held.delta_bytes < 2 * 101'000 + 1'000);
  }
  const store_contents last{{{"sink", "log", group_of_anyone, "29"}, log}, {{"sink", "log", group_of_anyone, "30"}, log}};
  CHECK(contents_of(store) == last);
}

TEST_CASE("a value that is shared is stored as one that was copied") {
  const std::string value(300'000, 's');
  std::vector<std::uint64_t> digests;
  for (const bool shared : {false, true}) {
    const temporary_folder folder;
    checkpoint_store store{folder.path()};
    delta_writer writer{"sink", group_of_anyone};
    writer.put("log", "1", "first");
    actor_state made;
    if (shared) {
      made.push_back(writer.take_with("log", "2", std::make_shared<const std::string>(value)));
    } else {
      writer.put("log", "2", value);
      made.push_back(writer.take());
    }
    store.begin(1);
    store.add(std::make_shared<const actor_state>(std::move(made)));
    REQUIRE(store.commit(job_manifest()));
    CHECK(
      contents_of(store) ==
      store_contents{{{"sink", "log", group_of_anyone, "1"}, "first"}, {{"sink", "log", group_of_anyone, "2"}, value}});
    digests.push_back(store.manifest().step("sink")->contents.delta_digest);
  }
  CHECK(digests[0] == digests[1]);
}

TEST_CASE("what a later checkpoint removes does not come back from the base when all that put it is gone") {
  const temporary_folder folder;
  auto options = eager_folds();
  checkpoint_store store{folder.path(), options};
  const auto said = [](const char* key, std::optional<std::string> value) {
    return changes{{{"sink", group_of_anyone, "log", key, std::move(value)}}};
  };
  REQUIRE(write_checkpoint(store, 1, said("a", "1")));
  while (store.fold_some().deltas > 0) {
  }
  REQUIRE(store.manifest().step("sink")->contents.entries == 1);
  REQUIRE(write_checkpoint(store, 2, said("a", "2")));
  REQUIRE(write_checkpoint(store, 3, said("a", std::nullopt)));
  CHECK(contents_of(store).empty());
  CHECK(store.manifest().step("sink")->contents.entries == 0);
  CHECK(store.manifest().step("sink")->contents.deltas == 0);
}

TEST_CASE("keys of any length come back, also such that differ only past LMDB's limit") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  changes made;
  store_contents expected;
  for (const std::size_t length : {0, 1, 486, 487, 488, 502, 503, 504, 511, 512, 2'000})
    for (const auto* end : {"x", "y"}) {
      const auto key = std::string(length, 'k') + end;
      made.list.push_back({"totals", 1, "sum", key, "of " + key});
      expected[{"totals", "sum", 1, key}] = "of " + key;
    }
  REQUIRE(write_checkpoint(store, 1, made));
  CHECK(contents_of(store) == expected);
  REQUIRE(store.fold_some().written);
  CHECK(contents_of(store) == expected);
  CHECK(store.view().get("totals", "sum", 1, std::string(2'000, 'k') + "y") == "of " + std::string(2'000, 'k') + "y");
}

TEST_CASE("ids of steps stay, also when a step is named no more and comes back") {
  const temporary_folder folder;
  checkpoint_store store{folder.path()};
  REQUIRE(write_checkpoint(store, 1, {{{"joins", 1, "left", "a", "1"}}}));
  const auto id = store.manifest().step("joins")->id;
  REQUIRE(write_checkpoint(store, 2, one("a", "1")));
  CHECK(store.manifest().step("joins")->id == id);
  CHECK(store.manifest().step("totals")->id != id);
}

TEST_CASE("a step that is dropped is gone with all it had") {
  const temporary_folder folder;
  checkpoint_store store{folder.path(), eager_folds()};
  REQUIRE(write_checkpoint(store, 1, {{{"joins", 1, "left", "a", "1"}}}));
  REQUIRE(store.fold_some().written);
  store.begin(2);
  store.drop("joins");
  REQUIRE(store.commit(job_manifest()));
  CHECK(store.manifest().step("joins") == nullptr);
  CHECK(contents_of(store).empty());
}

TEST_CASE("the manifest comes back as it was said") {
  const temporary_folder folder;
  REQUIRE(write_checkpoint(*std::make_unique<checkpoint_store>(folder.path()), 7, one("a", "1")));
  const checkpoint_store store{folder.path()};
  const auto& m = store.manifest();
  CHECK((m.job == "orders" && m.checkpoint == 7 && m.parallelism == 4 && m.max_parallelism == 128));
  REQUIRE(m.step("totals") != nullptr);
  CHECK(m.step("totals")->name == "totals per user");
  CHECK(m.step("totals")->state("sum")->value_type == "int64");
}

TEST_CASE("another job, or another number of key groups, is refused by its name") {
  const temporary_folder folder;
  checkpoint_store store{folder.path()};
  REQUIRE(write_checkpoint(store, 1, one("a", "1")));
  auto other = job_manifest();
  other.job = "payments";
  store.begin(2);
  CHECK_THROWS_WITH(store.commit(other), Contains("`orders`") && Contains("`payments`"));
  other = job_manifest();
  other.max_parallelism = 64;
  store.begin(2);
  CHECK_THROWS_WITH(store.commit(other), Contains("128 groups"));
  REQUIRE(write_checkpoint(store, 2, one("a", "2")));
}

TEST_CASE("a second process on the same directory is told who holds it") {
  const temporary_folder folder;
  const checkpoint_store store{folder.path()};
  const auto holder = "process " + std::to_string(::getpid());
  const auto code = in_child([&] {
    try {
      const checkpoint_store second{folder.path()};
    } catch (const state_error& e) {
      return std::string{e.what()}.find(holder) != std::string::npos ? 0 : 2;
    }
    return 1;
  });
  CHECK(code == 0);
}

TEST_CASE("a directory that cannot be written to is refused") {
  const temporary_folder folder;
  std::filesystem::create_directory(folder.path("state"));
  ::chmod(folder.path("state").c_str(), 0555);
  const auto code = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) // root may write anywhere
      return 3;
    try {
      const checkpoint_store store{folder.path("state")};
    } catch (const state_error& e) {
      return std::string{e.what()}.find("Permission denied") != std::string::npos ? 0 : 2;
    }
    return 1;
  });
  CHECK(code == 0);
}

TEST_CASE("file systems of a network are known by their numbers") {
  CHECK(network_file_system(0x6969) == "NFS");
  CHECK(network_file_system(static_cast<int>(0xfe534d42)) == "SMB");
  CHECK_FALSE(network_file_system(0xef53)); // ext4
}

TEST_CASE("a manifest of a format to come is refused, a damaged one is called damaged") {
  const temporary_folder folder;
  REQUIRE(write_checkpoint(*std::make_unique<checkpoint_store>(folder.path()), 1, one("a", "1")));
  SECTION("damaged") {
    overwrite_manifest(folder.path(), [](std::string bytes) {
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
      return bytes;
    });
    CHECK_THROWS_WITH(checkpoint_store{folder.path()}, Contains("damaged"));
  }
  SECTION("of a format to come") {
    overwrite_manifest(folder.path(), [](const std::string& bytes) {
      return manifest_of_version(2, bytes.substr(store_format::manifest_head));
    });
    CHECK_THROWS_WITH(checkpoint_store{folder.path()}, Contains("newer version of Leat"));
  }
}

TEST_CASE("an empty file, or none where one has been, is never taken for a new store") {
  const temporary_folder folder;
  REQUIRE(write_checkpoint(*std::make_unique<checkpoint_store>(folder.path()), 1, one("a", "1")));
  SECTION("empty") {
    std::filesystem::resize_file(folder.path("checkpoints.mdb"), 0);
    CHECK_THROWS_WITH(checkpoint_store{folder.path()}, Contains("is empty"));
  }
  SECTION("gone") {
    folder.remove("checkpoints.mdb");
    CHECK_THROWS_WITH(checkpoint_store{folder.path()}, Contains("is gone"));
  }
}

TEST_CASE("an entry that is missing, or an old one in place of a new one, is found by the counts and digests") {
  const temporary_folder folder;
  {
    checkpoint_store store{folder.path(), eager_folds()};
    REQUIRE(write_checkpoint(store, 1, {{{"totals", 1, "sum", "a", "1"}, {"totals", 1, "sum", "b", "2"}}}));
    REQUIRE(store.fold_some().written);
    REQUIRE(write_checkpoint(store, 2, one("c", "3")));
  }
  {
    const auto env = lmdb_environment::open(folder.path("checkpoints.mdb"), lmdb_environment::mode::write, 1 << 24);
    lmdb_transaction txn{env, lmdb_transaction::kind::write};
    auto manifest = decoded_manifest(*txn.get(env->meta(), store_format::manifest_key), "");
    manifest.transaction = txn.number();
    txn.put(env->meta(), store_format::manifest_key, encoded(manifest));
    const auto db = GENERATE(0, 1) == 0 ? env->base() : env->deltas();
    const auto key = [&] {
      lmdb_cursor at{txn, db};
      at.first();
      return std::string{at.key()};
    }();
    txn.remove(db, key);
    txn.commit();
  }
  const checkpoint_store store{folder.path()};
  CHECK_THROWS_WITH(contents_of(store), Contains("missing"));
}

TEST_CASE("entries for every actor and for any one have groups of their own, those with a key that of the key") {
  CHECK(stored_group(state_owner::all, 5, 128) == group_of_all);
  CHECK(stored_group(state_owner::anyone, 5, 128) == group_of_anyone);
  CHECK(stored_group(state_owner::key, 0x1234'5678'9abc'def0, 128) == key_group_of(0x1234'5678'9abc'def0, 128));
}

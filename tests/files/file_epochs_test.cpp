#include "epoch_fixture.hpp"

#include <leat/connectors/files/epochs/epoch_place.hpp>
#include <leat/connectors/files/epochs/file_epoch_log.hpp>
#include <leat/tests/support/in_child.hpp>

#include <csignal>
#include <random>

using namespace leat;
using namespace leat::testing;

TEST_CASE("records of an epoch are seen when its checkpoint is durable, and not before") {
  epoch_world w;
  epoch_run r{w};
  r.finish_all().write({1, 2}).cut();
  CHECK_FALSE(r.prepared()); // they are not on the disk
  r.finish_all();
  CHECK(r.prepared());
  r.store();
  CHECK(w.published().empty());
  r.commit().finish_all();
  CHECK(w.published() == rows_of({1, 2}));
  CHECK(w.names(".csv") == std::vector<std::string>{"0-0000000001.csv"});
  CHECK(w.folder.text("out/" + std::filesystem::path{w.path_ending(".csv")}.filename().string()) == "n,text\n1,x\n2,x\n");
}

TEST_CASE("a file holds epochs until it is large or old enough, and the rest at the end") {
  epoch_world w;
  epoch_run r{w, {{}, 16, 1h, {}}};
  r.finish_all().write({1}).pass();
  CHECK(w.published().empty());
  r.pass().write({2, 3}).pass();
  CHECK(w.names(".csv") == std::vector<std::string>{"0-0000000003.csv"});
  r.write({4}).cut(true).finish_all().store().commit().finish_all();
  CHECK(w.names(".csv") == std::vector<std::string>{"0-0000000003.csv", "0-0000000004.csv"});
  CHECK(w.published() == rows_of({1, 2, 3, 4}));
  CHECK(w.names(".aside").empty());
}

TEST_CASE("an old file is complete though no record comes") {
  epoch_world w;
  epoch_run r{w, {{}, 1'000, duration{1}, {}}};
  r.finish_all().write({1});
  wait_until("a file to be old enough", 20s, [&] { return r.pass(), !w.published().empty(); });
  CHECK(w.published() == rows_of({1}));
}

TEST_CASE("an epoch without records makes no file") {
  epoch_world w;
  epoch_run r{w};
  r.finish_all().pass().pass();
  CHECK(w.names(".csv").empty());
  CHECK(r.writer().committed() == 2);
  CHECK(w.logs.size() == 1); // who takes the shard over knows of it
}

TEST_CASE("what a checkpoint has is completed by the next run, and what came behind it is removed") {
  epoch_world w;
  {
    epoch_run r{w, several_epochs()};
    r.finish_all().write({1}).pass().write({2, 3}).cut().finish_all().store().write({4});
  }
  CHECK(w.published().empty());
  epoch_run r{w, several_epochs()};
  r.finish_all();
  CHECK(w.published() == rows_of({1, 2, 3}));
  CHECK(w.names(".csv") == std::vector<std::string>{"0-0000000002.csv"});
  CHECK(w.names(".aside").empty());
  r.write({4}).cut(true).finish_all().store().commit().finish_all();
  CHECK(w.published() == rows_of({1, 2, 3, 4}));
}

TEST_CASE("a checkpoint that comes to nothing costs no record, and makes none twice") {
  epoch_world w;
  {
    epoch_run r{w};
    r.finish_all().write({1}).cut().finish_all(); // its checkpoint fails
    r.write({2}).cut().finish_all().store();
    if (GENERATE(true, false))
      r.commit().finish_all();
  }
  epoch_run{w}.finish_all();
  CHECK(w.published() == rows_of({1, 2}));
}

TEST_CASE("a file that a reader has taken away does not come again") {
  epoch_world w;
  epoch_run{w}.finish_all().write({1}).pass();
  std::filesystem::remove(w.path_ending(".csv"));
  epoch_run{w}.finish_all();
  CHECK(w.published().empty());
  epoch_run{w}.finish_all().write({2}).pass();
  CHECK(w.published() == rows_of({2}));
}

TEST_CASE("files of other actors are taken over at another parallelism") {
  epoch_world w;
  {
    epoch_run r{w, each_epoch(), 3};
    r.finish_all().write({1}, 0).write({2}, 1).write({3}, 2).cut().finish_all().store();
    r.write({4}, 1).write({5}, 2);
  }
  epoch_run r{w, each_epoch(), 2};
  r.finish_all();
  CHECK(w.published() == rows_of({1, 2, 3}));
  CHECK(w.names(".aside").empty());
  r.write({4}, 0).write({5}, 1).pass();
  CHECK(w.published() == rows_of({1, 2, 3, 4, 5}));
}

TEST_CASE("what an actor has left that never came as far as a checkpoint is removed at another parallelism too") {
  epoch_world w;
  { epoch_run{w, each_epoch(), 4}.finish_all().write({1}, 0).write({2}, 3); }
  epoch_run{w, each_epoch(), 2}.finish_all();
  CHECK(w.names(".aside").empty());
}

TEST_CASE("files of others are left alone") {
  epoch_world w;
  {
    epoch_run r{w};
    r.finish_all().write({1});
    w.context.job = "another";
    epoch_run{w}.finish_all().write({2}).pass();
    w.folder.append("out/.hidden.aside", "x");
    w.folder.append("out/job-0-0000000001.csv", "x");
  }
  w.context.job = "job";
  w.checkpoint = 0;
  w.logs.clear();
  epoch_run{w}.finish_all();
  CHECK(w.names(".aside").size() == 1); // the hidden one
  CHECK(w.names(".csv").size() == 2);
}

TEST_CASE("records that the format cannot hold are dead letters of their epoch") {
  epoch_world w;
  epoch_run r{w, each_epoch(), 1, json};
  r.finish_all().write({1}).write_bad().cut().finish_all();
  CHECK(r.writer().rejected() == 1);
  CHECK(w.folder.names("letters").size() == 1); // aside
  r.store().commit().finish_all();
  CHECK(w.published("letters").size() == 1);
  CHECK(w.published() == std::vector<std::string>{R"({"n":1,"text":"x"})"});
}

TEST_CASE("dead letters that are aside when a process ends are completed with the records of their epoch") {
  epoch_world w;
  { epoch_run{w, several_epochs(), 1, json}.finish_all().write_bad().write({1}).cut().finish_all().store(); }
  epoch_run{w, several_epochs(), 1, json}.finish_all();
  CHECK(w.published("letters").size() == 1);
  CHECK(w.published().size() == 1);
}

TEST_CASE("what is missing or damaged is said, and nothing is lost silently") {
  epoch_world w;
  const auto options = GENERATE(each_epoch(), several_epochs());
  epoch_run{w, options}.finish_all().write({1, 2}).cut().finish_all().store();
  const auto aside = w.path_ending(".aside");
  std::string reason;
  SECTION("missing") {
    std::filesystem::remove(aside);
    reason = "15 bytes of records that checkpoint 1 has are missing: neither " + aside + " nor";
  }
  SECTION("cut") {
    std::filesystem::resize_file(aside, 8);
    reason = aside + " has only 8 of the 15 bytes";
  }
  SECTION("changed") {
    std::fstream{aside, std::ios::in | std::ios::out | std::ios::ate}.seekp(8) << "7";
    reason = aside + " is damaged: its first 15 bytes are not those that were written";
  }
  SECTION("the folder is another one") {
    std::filesystem::remove_all(w.folder.path("out"));
    reason = "15 bytes of records that checkpoint 1 has are missing: neither " + aside + " nor";
  }
  SECTION("the marker is damaged") {
    std::filesystem::resize_file(w.path_ending(".marker"), 0);
    std::ofstream{w.path_ending(".marker")} << "seven";
    reason = ".marker is damaged";
  }
  epoch_run r{w, options};
  r.let_one_finish();
  CHECK_THROWS_WITH(r.writer().restored(), Catch::Contains("sink 'step': ") && Catch::Contains(reason));
  CHECK_THROWS_AS(r.writer().committed(), final_error);
}

TEST_CASE("records that are missing are missing also when letters of their epoch have come out") {
  epoch_world w;
  {
    epoch_run r{w, {{}, 60, 1h, {}}, 1, json};
    r.finish_all().write({1}).write_bad().cut().finish_all().store().commit().finish_all();
  }
  REQUIRE(w.published("letters").size() == 1); // large enough, unlike the records
  std::filesystem::remove(w.path_ending(".aside"));
  epoch_run r{w, {}, 1, json};
  r.let_one_finish();
  CHECK_THROWS_WITH(r.writer().restored(), Catch::Contains("are missing"));
}

TEST_CASE("what is ahead of the checkpoint is refused, also when readers have taken the files") {
  epoch_world w;
  epoch_run{w}.finish_all().write({1}).pass().write({2}).pass();
  const bool from_nothing = GENERATE(true, false);
  w.checkpoint = from_nothing ? 0 : 1;
  w.logs.clear();
  if (GENERATE(true, false))
    for (const auto* const end : {"1.csv", "2.csv"})
      std::filesystem::remove(w.path_ending(end));
  else
    std::filesystem::remove(w.path_ending(".marker"));
  epoch_run r{w};
  r.let_one_finish();
  CHECK_THROWS_WITH(
    r.writer().restored(), Catch::Contains(from_nothing ? "by an earlier run of this job" : "starts from checkpoint 1"));
}

TEST_CASE("two instances do not write at the same time") {
  epoch_world w;
  epoch_run first{w};
  first.finish_all().write({1});
  epoch_run second{w};
  second.let_one_finish(); // waits for the first one, in vain
  CHECK_THROWS_WITH(second.writer().restored(), Catch::Contains("another instance of this job holds"));
  first.pass();
  CHECK(w.published() == rows_of({1}));
}

TEST_CASE("a file that is there already is not replaced") {
  epoch_world w;
  epoch_run r{w};
  r.finish_all().write({1}).cut().finish_all().store();
  auto name = std::filesystem::path{w.path_ending(".aside")}.filename().string().substr(1);
  name.resize(name.size() - std::string_view{".aside"}.size());
  w.folder.append("out/" + name, "another's");
  r.commit();
  while (r.let_one_finish()) {
  }
  CHECK_THROWS_WITH(r.writer().committed(), Catch::Contains("is there already"));
  CHECK(w.folder.text("out/" + name) == "another's");
}

TEST_CASE("wherever an instance is killed, each record is in one complete file once") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    epoch_world w;
    const auto options = random() % 2 == 0 ? each_epoch() : file_sink_options{{}, 40, 1h, {}};
    numbers all;
    std::int64_t next = 0; // the position of the source, in the checkpoint
    for (int life = 0; life < 5; ++life) {
      const auto parallelism = static_cast<std::uint32_t>(1 + random() % 3);
      epoch_run r{w, options, parallelism};
      r.finish_all();
      auto n = next;
      const auto steps = random() % 30;
      for (unsigned i = 0; i < steps; ++i) {
        const auto what = random() % 10;
        if (what < 4) {
          r.write({n}, static_cast<std::uint32_t>(random() % parallelism));
          ++n;
        } else if (what < 6) {
          r.cut();
          if (random() % 4 != 0) {
            r.finish_all().store();
            next = n;
            if (random() % 2 == 0)
              r.commit();
          }
        } else {
          r.let_one_finish();
        }
      }
    }
    for (std::int64_t n = 0; n < next; ++n)
      all.push_back(n);
    epoch_run{w, options, 1}.finish_all();
    REQUIRE(w.published() == rows_of(all));
    REQUIRE(w.names(".aside").empty());
  }
}

namespace {

/// A process that goes on from the saved checkpoint and writes 2, 3 and 4, an epoch each. @returns whether it was killed.
bool live(epoch_world& w, const std::function<void(epoch_step)>& passes) {
  const auto code = in_child([&] {
    auto options = each_epoch();
    options.passes = passes;
    epoch_run r{w, options};
    for (r.finish_all(); w.checkpoint < 4;) {
      r.write({static_cast<std::int64_t>(w.checkpoint) + 1}).cut().finish_all().store();
      w.save();
      r.commit().finish_all();
    }
    return 0;
  });
  w.load();
  return code != 0;
}

/// Kills its process at the nth step.
std::function<void(epoch_step)> kill_at(int n) {
  return [left = std::make_shared<int>(n)](epoch_step) {
    if (--*left == 0)
      ::raise(SIGKILL);
  };
}

} // namespace

TEST_CASE("a process that is killed at any step on its way leaves each record once") {
  int kills = 0;
  for (int first = 1; first <= 14; ++first)
    for (int second = 1; second <= 6; ++second) {
      CAPTURE(first, second);
      epoch_world w;
      epoch_run{w, several_epochs()}.finish_all().write({1}).cut().finish_all().store();
      kills += static_cast<int>(live(w, kill_at(first))) + static_cast<int>(live(w, kill_at(second)));
      CHECK_FALSE(live(w, [](epoch_step) {}));
      CHECK(w.published() == rows_of({1, 2, 3, 4}));
      CHECK(w.names(".aside").empty());
    }
  CHECK(kills > 140);
}

TEST_CASE("logs of files are read as they were written, and others refused") {
  const std::vector<logged_file> files{{0, 7, 15, 42, true}, {1, 8, 3, 1, false}};
  const auto log = to_log(files);
  CHECK(files_in_log(log) == files);
  CHECK(files_in_log(to_log({})).empty());
  auto later = log;
  later[0] = 2;
  for (const auto& wrong : {std::string{}, later, log.substr(0, 5), log + "x"})
    CHECK_THROWS_AS(files_in_log(wrong), state_error);
}

TEST_CASE("names say what they are, and others' are not taken for one's own") {
  const epoch_place in{"step", "/out", epoch_prefix("a/b", "uid"), ".csv", ""};
  CHECK(in.prefix.starts_with("a_b-"));
  CHECK(in.prefix != epoch_prefix("a_b", "uid"));
  CHECK(in.prefix != epoch_prefix("a/b", "uid2"));
  for (const auto& name :
       {epoch_name{epoch_name::what::file, 0, 1}, epoch_name{epoch_name::what::aside, 12, 34},
        epoch_name{epoch_name::what::marker, 3, 0}, epoch_name{epoch_name::what::file, 1, 12'345'678'901}}) {
    const auto path = path_of(in, name);
    CHECK(path.starts_with("/out/"));
    CHECK(epoch_name_of(in, path.substr(5)) == name);
  }
  for (const auto& name :
       {in.prefix + "-0-1.csv", in.prefix + "-0-0000000001.json", in.prefix + "-0000000001.csv",
        "." + in.prefix + "-0.aside", "x" + in.prefix + "-0-0000000001.csv", in.prefix + "-00-0000000001.csv",
        "." + in.prefix + "-0.markers"})
    CHECK_FALSE(epoch_name_of(in, name));
}

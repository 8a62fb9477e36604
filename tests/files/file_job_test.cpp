#include "file_fixture.hpp"

#include <leat/actors/running_job.hpp>
#include <leat/connectors/local.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/pipeline/run.hpp>
#include <leat/tests/support/captured_log.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>

using namespace leat;
using namespace leat::testing;

namespace {

/// A row that JSON cannot hold when its value is no number.
struct measured {
  std::int64_t n = 0;
  double value = 0;
};
BOOST_DESCRIBE_STRUCT(measured, (), (n, value))

struct file_job : file_world {
  std::unique_ptr<running_job> start(const job& j) {
    run_options options;
    options.parallelism = 2;
    options.threads = 2;
    options.commit_interval = 5ms;
    return std::make_unique<running_job>(j.plan(), options, config, registry);
  }

  /// Runs a program that reads lines from a file. @returns its exit code.
  int run_reading(std::string_view file, const std::vector<std::string>& arguments) const {
    job j{"j"};
    j.source(files::source<line>(folder.path(file), json).dead_letters(folder.path("bad")))
      .named("lines")
      .sink(callback<line>([](const line&) {}));
    return run(j, plan_launch(command_line_parser{"j", "A test."}, {}, arguments, {}));
  }

  /// Runs a program that copies "in.csv" exactly once, from where its state says. @returns its exit code.
  int run_copying(
    const std::string& state, const std::string& out, const std::string& uid,
    const std::vector<std::string>& more = {}) const {
    job j{"j"};
    j.source(files::source<line>(folder.path("in.csv"), csv).dead_letters(folder.path("bad")))
      .uid("lines")
      .sink(files::sink<line>(folder.path(out), csv).exactly_once().dead_letters(folder.path("bad")))
      .uid(uid);
    std::vector<std::string> arguments{"--bounded", "--set", "checkpoints.directory=" + folder.path(state)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(j, plan_launch(command_line_parser{"j", "A test."}, {}, arguments, {}));
  }

  /// All lines of the complete files of a folder, in order of size, without headers.
  [[nodiscard]] std::vector<std::string> lines_in(std::string_view name) const {
    std::vector<std::string> all;
    for (const auto& file : folder.names(name)) {
      if (file.starts_with('.'))
        continue;
      std::istringstream text{folder.text(std::string{name} + '/' + file)};
      for (std::string one; std::getline(text, one);)
        if (one != "n,text")
          all.push_back(one);
    }
    std::sort(all.begin(), all.end());
    return all;
  }
};

/// What a callback has been called with.
struct heard {
  std::mutex m;
  std::vector<std::int64_t> all; // guarded by m

  auto listen() {
    return callback<line>([this](const line& l) {
      const std::lock_guard lock{m};
      all.push_back(l.n);
    });
  }

  void wait_for(std::size_t count) {
    wait_until("records", std::chrono::seconds{20}, [&] {
      const std::lock_guard lock{m};
      return all.size() >= count;
    });
  }
};

} // namespace

TEST_CASE("a job from files to files ends with them, and what cannot be read is logged and lies in the dead letters") {
  const captured_log log;
  file_job f;
  std::filesystem::create_directory(f.folder.path("in"));
  f.folder.append("in/a.json", "{\"n\":1,\"text\":\"a\"}\n{\"n\":2,\"text\":\"b\"}\n{\"n\":\"x\"}\n");
  f.folder.append("in/b.json", "{\"n\":3,\"text\":\"c\"}\n");
  job j{"j"};
  j.source(files::source<line>(f.folder.path("in"), json).dead_letters(f.folder.path("bad")))
    .filter([](const line& l) { return l.n != 2; })
    .sink(files::sink<line>(f.folder.path("out"), csv));
  CHECK(f.start(j)->wait().reason.empty());
  CHECK(f.lines_in("out") == std::vector<std::string>{"1,a", "3,c"});
  CHECK(log.count("refuses the record at offset 38 of " + f.folder.path("in/a.json") + ": field `n`") == 1);
  REQUIRE(f.lines_in("bad").size() == 1);
  CHECK_THAT(
    f.lines_in("bad")[0], Catch::Contains("a.json\"") && Catch::Contains("\"offset\":38") && Catch::Contains("field `n`"));
}

TEST_CASE("a run that ends with dead letters says how many, where they are and why, and exits with 0") {
  const captured_log log;
  file_job f;
  f.folder.append("in.json", "{\"n\":\"x\"}\n{\"n\":\"y\"}\n{\"n\":3,\"text\":\"c\"}\n");
  CHECK(f.run_reading("in.json", {}) == exit_done);
  CHECK(
    log.count(
      "warning: source 'lines' has read 3 records, and 2 of them became dead letters: they are in files of the folder " +
      f.folder.path("bad") + "; the first reason: field `n`") == 1);
}

TEST_CASE("a run whose records all became dead letters says so as an error") {
  const captured_log log;
  file_job f;
  f.folder.append("in.json", "{\"n\":\"x\"}\n");
  CHECK(f.run_reading("in.json", {}) == exit_done);
  CHECK(log.count("error: source 'lines' has read 1 record, and ALL of them became dead letters: they are in files") == 1);
}

TEST_CASE("dead letters that are not written are said to be dropped") {
  const captured_log log;
  file_job f;
  f.folder.append("in.json", "{\"n\":\"x\"}\n");
  CHECK(f.run_reading("in.json", {"--set", "dead-letters.enabled=false"}) == exit_done);
  CHECK(log.count("ALL of them became dead letters: they were dropped (dead-letters.enabled); the first reason") == 1);
}

TEST_CASE("a sink that refuses records says so at the end as well") {
  const captured_log log;
  file_job f;
  job j{"j"};
  j.source(collection<measured>({{1, 0.5}, {2, std::nan("")}, {3, 1.5}}))
    .sink(files::sink<measured>(f.folder.path("out"), json).dead_letters(f.folder.path("bad")))
    .named("rows");
  CHECK(run(j, plan_launch(command_line_parser{"j", "A test."}, {}, {}, {})) == exit_done);
  CHECK(
    log.count(
      "warning: sink 'rows' has been given 3 records, and 1 of them became dead letters: they are in files of the folder " +
      f.folder.path("bad") + "; the first reason: field `value`") == 1);
}

TEST_CASE("windows of event time over the times of reading are warned of, others are not") {
  const captured_log log;
  file_job f;
  f.folder.append("in.csv", "n,text\n1,a\n");
  const auto lines = files::source<line>(f.folder.path("in.csv"), csv);
  const auto time_of = [](const line& l) { return from_millis(l.n); };
  const auto first = [](const line& l, const line&) { return l; };
  heard h;
  job j{"j"};
  const auto plain = j.source(lines).named("plain").all();
  plain.window(tumbling(1s)).reduce(first).named("windows").sink(h.listen()).named("a");
  plain.window(tumbling(2s)).reduce(first).named("later").sink(h.listen()).named("a2");
  j.source(lines).named("sessions").all().window(session(1s)).reduce(first).named("gaps").sink(h.listen()).named("b");
  j.source(lines.event_time(time_of)).named("timed").all().window(tumbling(1s)).reduce(first).sink(h.listen()).named("c");
  j.source(lines).named("clock").all().window(processing_time(tumbling(1s))).reduce(first).sink(h.listen()).named("d");
  j.source(lines).named("windowless").sink(h.listen()).named("e");
  CHECK(f.start(j)->wait().reason.empty());
  CHECK(log.count("warning: source 'plain' gives each record the time at which it is read, and there are windows") == 1);
  CHECK(log.count("windows of event time behind it, in 'windows', 'later': what they hold") == 1);
  CHECK(log.count("windows of event time behind it, in 'gaps': what they hold") == 1);
  CHECK(log.count(".event_time(&record::time, late_by(5s))") == 2);
}

TEST_CASE("what a job has written another one reads") {
  file_job f;
  std::vector<line> written;
  for (std::int64_t n = 0; n < 5'000; ++n)
    written.push_back({n, "a \"quoted\", text\n" + std::to_string(n)});
  job first{"first"};
  first.source(collection(written)).rebalance().sink(files::sink<line>(f.folder.path("out"), csv).roll_at(10'000));
  CHECK(f.start(first)->wait().reason.empty());
  heard h;
  job second{"second"};
  second.source(files::source<line>(f.folder.path("out") + "/*.csv", csv)).sink(h.listen());
  CHECK(f.start(second)->wait().reason.empty());
  std::sort(h.all.begin(), h.all.end());
  CHECK(h.all.size() == 5'000);
  CHECK(std::adjacent_find(h.all.begin(), h.all.end()) == h.all.end());
}

TEST_CASE("an exactly-once sink that is to go back refuses, and what it says can be done can be done") {
  const captured_log log;
  const file_job f;
  f.folder.append("in.csv", "n,text\n1,a\n");
  REQUIRE(f.run_copying("state", "out", "copies") == exit_done);
  std::filesystem::copy(f.folder.path("state"), f.folder.path("before"));
  f.folder.append("in.csv", "2,b\n");
  REQUIRE(f.run_copying("state", "out", "copies") == exit_done);
  const std::vector<std::string> back{"--from-savepoint", f.folder.path("before")};
  CHECK(f.run_copying("back", "out", "copies", back) == exit_failed);
  CHECK(log.count("To have it written twice, give the sink another uid and start with --allow-dropped-state") == 1);
  SECTION("another folder would not do: the checkpoint's last records are in the first one") {
    CHECK(f.run_copying("back", "elsewhere", "copies", back) == exit_failed);
    CHECK(log.count("Put back what was in the folder") == 1);
  }
  SECTION("from the latest checkpoint") {
    CHECK(f.run_copying("state", "out", "copies") == exit_done);
    CHECK(f.lines_in("out") == std::vector<std::string>{"1,a", "2,b"});
  }
  SECTION("with another uid") {
    auto dropping = back;
    dropping.emplace_back("--allow-dropped-state");
    CHECK(f.run_copying("back", "out", "copies again", dropping) == exit_done);
    CHECK(f.lines_in("out") == std::vector<std::string>{"1,a", "2,b", "2,b"});
  }
}

TEST_CASE("a job whose state was deleted refuses to write again what is in its files, but does so elsewhere") {
  const captured_log log;
  const file_job f;
  f.folder.append("in.csv", "n,text\n1,a\n");
  REQUIRE(f.run_copying("state", "out", "copies") == exit_done);
  std::filesystem::remove_all(f.folder.path("state"));
  CHECK(f.run_copying("state", "out", "copies") == exit_failed);
  CHECK(log.count("to begin anew, write to another folder, or give the sink another uid") == 1);
  if (GENERATE(true, false)) {
    CHECK(f.run_copying("state", "elsewhere", "copies") == exit_done);
    CHECK(f.lines_in("elsewhere") == std::vector<std::string>{"1,a"});
  } else {
    CHECK(f.run_copying("state", "out", "copies again") == exit_done);
    CHECK(f.lines_in("out") == std::vector<std::string>{"1,a", "1,a"});
  }
}

TEST_CASE("an empty folder is the end at once") {
  file_job f;
  heard h;
  job j{"j"};
  j.source(files::source<line>(f.folder.path(), csv)).sink(h.listen());
  CHECK(f.start(j)->wait().reason.empty());
}

TEST_CASE("a job that follows an empty folder can be stopped") {
  file_job f;
  heard h;
  job j{"j"};
  j.source(files::source<line>(f.folder.path(), csv).follow()).sink(h.listen());
  const auto running = f.start(j);
  running->stop();
  const auto result = running->wait_for(20s);
  REQUIRE(result);
  CHECK(result->reason.empty());
}

TEST_CASE("a job follows its files, and completes those that it writes when it is stopped") {
  file_job f;
  std::filesystem::create_directory(f.folder.path("in"));
  heard h;
  job j{"j"};
  const auto lines = j.source(files::source<line>(f.folder.path("in"), csv).follow());
  lines.sink(h.listen());
  lines.sink(files::sink<line>(f.folder.path("out"), csv));
  const auto running = f.start(j);
  f.folder.append("in/a.csv", "n,text\n1,a\n");
  h.wait_for(1);
  f.folder.append("in/a.csv", "2,b\n");
  h.wait_for(2);
  f.folder.append("in/b.csv", "text,n\nc,3\n");
  h.wait_for(3);
  running->stop();
  CHECK(running->wait().reason.empty());
  CHECK(f.lines_in("out") == std::vector<std::string>{"1,a", "2,b", "3,c"});
}

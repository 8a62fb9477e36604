#include "file_fixture.hpp"

#include <leat/base/error.hpp>
#include <leat/tests/support/in_child.hpp>

#include <cmath>
#include <csignal>
#include <fstream>
#include <sys/resource.h>

using namespace leat;
using namespace leat::testing;

namespace {

struct measured {
  std::int64_t n = 0;
  double value = 0;
};
BOOST_DESCRIBE_STRUCT(measured, (), (n, value))

constexpr auto patience = std::chrono::seconds{20};

/// One run of a sink with one writer; several share the world's folder.
class run {
public:
  run(file_world& world, file_sink_options options, const format& as = csv, const schema& of = schema_of<line>())
    : sink_{with_folders(world, std::move(options)), as, of} {
    sink_.open(world.context);
    writer_ = sink_.make_writer(0, 1, [] {});
  }

  template <class T>
  void write(const std::vector<T>& records) {
    auto in = batch<T>::fresh();
    for (const auto& r : records)
      in->push(r, timestamp{});
    const auto taken = writer_->write(*in, 0);
    CHECK(taken == records.size());
  }

  void wait_for(std::uint64_t segment) {
    wait_until(
      "delivery", patience, [&] { return writer_->delivered() >= segment; }, std::chrono::milliseconds{1});
  }

  void deliver() { wait_for(writer_->mark()); }
  void finish() { wait_for(writer_->finish()); }

  [[nodiscard]] sink_writer& writer() { return *writer_; }

private:
  static file_sink_options with_folders(file_world& world, file_sink_options options) {
    options.folder = world.folder.path("out");
    options.letters = world.folder.path("letters");
    return options;
  }

  file_sink sink_;
  std::unique_ptr<sink_writer> writer_;
};

file_sink_options rolling(std::size_t bytes, duration age = 1h) { return {{}, bytes, age, {}}; }

/// The texts of all files in `out`, in the order of their names, a bar between them.
std::string complete_files(const file_world& w) {
  std::string all;
  for (const auto& name : w.folder.names("out"))
    if (!name.starts_with('.'))
      all += (all.empty() ? "" : "|") + w.folder.text("out/" + name);
  return all;
}

std::vector<std::string> in_progress(const file_world& w) {
  auto names = w.folder.names("out");
  std::erase_if(names, [](const auto& name) { return !name.ends_with(".inprogress"); });
  return names;
}

} // namespace

TEST_CASE("a file is in progress until the end, and then has its name") {
  file_world w;
  run r{w, rolling(1'000)};
  CHECK(w.folder.names("out").empty()); // no record, no file
  r.write<line>({{1, "a"}, {2, "b,c"}});
  r.deliver();
  CHECK(complete_files(w).empty());
  REQUIRE(in_progress(w).size() == 1);
  CHECK(w.folder.text("out/" + in_progress(w)[0]) == "n,text\n1,a\n2,\"b,c\"\n");
  r.finish();
  CHECK(complete_files(w) == "n,text\n1,a\n2,\"b,c\"\n");
  CHECK(in_progress(w).empty());
  CHECK(w.registry.sum("bytes_out") == 4 + 8);
}

TEST_CASE("a file of the size to roll at is complete, and each has the header") {
  file_world w;
  run r{w, rolling(16)};
  r.write<line>({{1, "a"}, {2, "b"}, {3, "a much longer one"}, {4, "d"}});
  r.finish();
  CHECK(complete_files(w) == "n,text\n1,a\n2,b\n3,a much longer one\n|n,text\n4,d\n");
}

TEST_CASE("a file that the last record of a batch completes is followed by none") {
  file_world w;
  run r{w, rolling(1)};
  r.write<line>({{1, "a"}});
  r.write<line>({});
  r.deliver();
  CHECK(complete_files(w) == "n,text\n1,a\n");
  CHECK(w.folder.names("out").size() == 1);
}

TEST_CASE("a file of the age to roll after is complete, though no record comes") {
  file_world w;
  run r{w, rolling(1'000, 1ms)};
  r.write<line>({{1, "a"}});
  wait_until("the file to be complete", patience, [&] {
    (void)r.writer().delivered(); // as when the alarm wakes the actor
    return !complete_files(w).empty();
  });
  CHECK(in_progress(w).empty());
}

TEST_CASE("what an earlier run has left is completed, without its half-written record") {
  file_world w;
  std::filesystem::create_directories(w.folder.path("out"));
  w.folder.append("out/.part-a-0-1.csv.inprogress", "n,text\n1,a\n2,\"b\nc\"\n3,\"d\n");
  w.folder.append("out/.part-a-0-2.csv.inprogress", "n,text\n4,");
  w.folder.append("out/.part-a-0-3.json.inprogress", "{}"); // of another format
  const run r{w, rolling(1'000)};
  CHECK(complete_files(w) == "n,text\n1,a\n2,\"b\nc\"\n");
  CHECK(in_progress(w) == std::vector<std::string>{".part-a-0-3.json.inprogress"});
}

TEST_CASE("a file that another job is writing is left alone") {
  file_world w;
  run first{w, rolling(1'000)};
  first.write<line>({{1, "a"}});
  run second{w, rolling(1'000)};
  second.write<line>({{2, "b"}});
  CHECK(in_progress(w).size() == 2);
  second.finish();
  first.finish();
  CHECK(complete_files(w).size() == 2 * 11 + 1);
}

TEST_CASE("a file system that takes no more ends the job, nothing is delivered, and no half record stays") {
  file_world w;
  CHECK(in_child([&] {
          std::signal(SIGXFSZ, SIG_IGN);
          const rlimit most{20, 20};
          ::setrlimit(RLIMIT_FSIZE, &most);
          run r{w, rolling(1'000)};
          r.write<line>({{1, "a"}});
          try {
            r.write<line>({{2, "a text that is too long for it"}});
          } catch (const connector_error& e) {
            const std::string text = e.what();
            return text.find("sink 'step'") == 0 && text.find("File too large") != text.npos && r.writer().delivered() == 0
                     ? 42
                     : 1;
          }
          return 2;
        }) == 42);
  const run next{w, rolling(1'000)};
  CHECK(complete_files(w) == "n,text\n1,a\n");
}

TEST_CASE("a file that loses its name ends the job at the end, instead of being told as delivered") {
  file_world w;
  run r{w, rolling(1'000)};
  r.write<line>({{1, "a"}});
  std::filesystem::remove_all(w.folder.path("out"));
  CHECK_THROWS_WITH(r.finish(), Catch::Contains("sink 'step'") && Catch::Contains("No such file"));
}

TEST_CASE("a folder that cannot be made is said at the start") {
  file_world w;
  w.folder.append("out", "a file");
  CHECK_THROWS_WITH((run{w, rolling(1)}), Catch::Contains("cannot make the folder") && Catch::Contains("out"));
}

TEST_CASE("a record without a form in the format becomes a dead letter and is counted") {
  file_world w;
  run r{w, rolling(1'000), json, schema_of<measured>()};
  r.write<measured>({{1, 0.5}, {2, std::nan("")}});
  r.finish();
  CHECK(complete_files(w) == "{\"n\":1,\"value\":0.5}\n");
  CHECK(r.writer().rejected() == 1);
  REQUIRE(w.folder.names("letters").size() == 1);
  CHECK_THAT(w.folder.text("letters/" + w.folder.names("letters")[0]), Catch::Contains("field `value`"));
}

TEST_CASE("a first dead letter takes back nothing that was told as delivered, and later segments are") {
  file_world w;
  run r{w, rolling(1'000), json, schema_of<measured>()};
  r.write<measured>({{1, 0.5}});
  r.deliver();
  const auto marked = r.writer().mark();
  r.write<measured>({{2, std::nan("")}});
  CHECK(r.writer().delivered() >= 1);
  r.wait_for(marked);
  r.deliver();
  CHECK(r.writer().delivered() == 3);
}

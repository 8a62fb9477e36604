#include "file_fixture.hpp"

#include <leat/base/error.hpp>
#include <leat/connectors/files/file_bookmark.hpp>
#include <leat/tests/support/captured_log.hpp>

#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

/// A job's source, run after run: each goes on from what the last has saved.
struct resumed_reading : file_world {
  /// Opens the source with what the checkpoint has.
  void open(const std::string& pattern, const format& as = json, bool follow = false, std::size_t longest = 1000) {
    file = std::make_shared<file_source>(
      file_source_options{folder.path(pattern), follow, longest}, as, schema_of<line>(), nullptr);
    context.read = checkpoint;
    context.restored = !checkpoint.empty();
    found = file->open(context);
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& p : found)
      all.push_back(std::filesystem::path{p.topic}.filename().string());
    return all;
  }

  std::unique_ptr<read_file> reader(const partition& which) {
    std::optional<std::int64_t> from;
    for (const auto& r : checkpoint)
      if (r.which == which)
        from = r.position;
    return std::make_unique<read_file>(*file, which, from);
  }

  /// Reads all files to what is their end for now, and saves where that is. @returns the numbers read.
  numbers run(const std::string& pattern, const format& as = json, bool follow = false, std::size_t longest = 1000) {
    open(pattern, as, follow, longest);
    numbers all;
    letters.clear();
    for (const auto& which : found) {
      const auto r = reader(which);
      r->drain();
      for (const auto n : r->numbers())
        all.push_back(n);
      letters.insert(letters.end(), r->letters.begin(), r->letters.end());
      save(r->saved());
    }
    return all;
  }

  void save(const saved_reading& now) {
    std::erase_if(checkpoint, [&](const auto& r) { return r.which == now.which; });
    checkpoint.push_back(now);
  }

  /// One batch of the only file is read and saved; then the job is killed.
  numbers run_one_batch(const std::string& pattern, const format& as = json, std::size_t longest = 1000) {
    open(pattern, as, false, longest);
    REQUIRE(found.size() == 1);
    const auto r = reader(found[0]);
    (void)r->read();
    save(r->saved());
    letters = r->letters;
    return r->numbers();
  }

  std::vector<saved_reading> checkpoint;
  std::shared_ptr<file_source> file;
  std::vector<partition> found;
  std::vector<dead_letter> letters;
};

std::string json_lines(std::int64_t from, std::int64_t to) {
  std::string all;
  for (auto n = from; n < to; ++n)
    all += "{\"n\":" + std::to_string(n) + ",\"text\":\"x\"}\n";
  return all;
}

std::string csv_rows(std::int64_t from, std::int64_t to) {
  std::string all;
  for (auto n = from; n < to; ++n)
    all += std::to_string(n) + (n % 3 == 0 ? ",\"two\nlines\"\n" : ",x\n");
  return all;
}

numbers sequence(std::int64_t from, std::int64_t to) {
  numbers all;
  for (auto n = from; n < to; ++n)
    all.push_back(n);
  return all;
}

numbers operator+(numbers a, const numbers& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

} // namespace

TEST_CASE("a file is read on behind the last record that a checkpoint has counted") {
  resumed_reading r;
  r.folder.append("a.json", json_lines(0, 2'500));
  const auto first = r.run_one_batch("a.json");
  CHECK(first.size() == max_batch_records);
  CHECK(first + r.run("a.json") == sequence(0, 2'500));
  CHECK(r.run("a.json").empty());
}

TEST_CASE("a CSV file is read on with the columns of its header, and line breaks between quotes") {
  resumed_reading r;
  r.folder.append("a.csv", "\xef\xbb\xbftext,n\n");
  r.folder.append("a.csv", "b,0\n\"two\nlines\",1\n");
  CHECK(r.run("a.csv", csv) == sequence(0, 2));
  r.folder.append("a.csv", "\"x\n,\",2\nc,3\n");
  CHECK(r.run("a.csv", csv) == sequence(2, 4));
}

TEST_CASE("wherever a job is killed, each record of its files is read once") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    resumed_reading r;
    const bool with_header = random() % 2 == 0;
    const auto& as = with_header ? static_cast<const format&>(csv) : json;
    const auto rows = with_header ? csv_rows : json_lines;
    std::int64_t written = 0;
    numbers all;
    r.folder.append("in", with_header ? "n,text\n" : "");
    for (int i = 0; i < 6; ++i) {
      const auto to = written + static_cast<std::int64_t>(random() % 3'000);
      r.folder.append("in", rows(std::exchange(written, to), to));
      all = all + (random() % 2 == 0 ? r.run_one_batch("in", as) : r.run("in", as));
    }
    all = all + r.run("in", as);
    REQUIRE(all == sequence(0, written));
  }
}

TEST_CASE("files that have come since a checkpoint are read from their starts") {
  resumed_reading r;
  std::filesystem::create_directory(r.folder.path("in"));
  r.folder.append("in/a.json", json_lines(0, 3));
  CHECK(r.run("in") == sequence(0, 3));
  r.folder.append("in/b.json", json_lines(3, 5));
  CHECK(r.run("in") == sequence(3, 5));
}

TEST_CASE(
  "a line that was refused is not refused again, and the rest of one that is too long is dropped after a restart too") {
  resumed_reading r;
  r.folder.append("a.csv", "n,text\nx,refused\n1,a\n2,\"" + std::string(600'000, '.') + "\n3,within\n\"\n4,d\n");
  CHECK(r.run_one_batch("a.csv", csv, 100) == numbers{1});
  CHECK(r.letters.size() == 2); // half of the long line is not read yet
  CHECK(r.run("a.csv", csv, false, 100) == numbers{4});
  CHECK(r.letters.empty());
}

TEST_CASE("a copy of a file, and one that was renamed, is read on; who has its name now is new") {
  resumed_reading r;
  std::filesystem::create_directory(r.folder.path("in"));
  r.folder.append("in/a.log", json_lines(0, 2'000));
  auto all = r.run_one_batch("in");
  std::filesystem::copy(r.folder.path("in/a.log"), r.folder.path("copy"));
  r.folder.remove("in/a.log");
  r.folder.rename("copy", "in/a.log");
  r.folder.append("in/a.log", json_lines(2'000, 4'000));
  all = all + r.run_one_batch("in");
  r.folder.rename("in/a.log", "in/a.log.1");
  r.folder.append("in/a.log", json_lines(4'000, 4'003));
  all = all + r.run("in");
  CHECK(r.names() == std::vector<std::string>{"a.log.1", "a.log"});
  CHECK(all == sequence(0, 4'003));
  r.folder.append("in/a.log.1", json_lines(4'003, 4'004)); // whoever wrote it had not heard of the renaming
  CHECK(r.run("in") == sequence(4'003, 4'004));
}

TEST_CASE("a file that is read on is not read again under another name that it has got") {
  resumed_reading r;
  std::filesystem::create_directory(r.folder.path("in"));
  r.folder.append("in/b.json", json_lines(0, 3));
  CHECK(r.run("in") == sequence(0, 3));
  std::filesystem::create_hard_link(r.folder.path("in/b.json"), r.folder.path("in/a.json"));
  CHECK(r.run("in").empty());
}

TEST_CASE("a file that was renamed to a name that nobody asks for is read to its end") {
  resumed_reading r;
  r.folder.append("a.log", json_lines(0, 2'000));
  const auto first = r.run_one_batch("a.log");
  r.folder.rename("a.log", "a.log.1");
  r.folder.append("a.log", json_lines(2'000, 2'002));
  CHECK(first + r.run("a.log") == sequence(0, 2'002));
  CHECK(r.run("a.log").empty());
}

TEST_CASE("what a followed file may do while a job runs it may do while it is down") {
  const captured_log log;
  resumed_reading r;
  r.folder.append("a.log", json_lines(0, 3));
  CHECK(r.run("a.log", json, true) == sequence(0, 3));

  r.folder.remove("a.log");
  r.folder.append("a.log", json_lines(3, 5));
  CHECK(r.run("a.log", json, true) == sequence(3, 5));
  CHECK(log.count("is read from its start: since byte") == 1);

  std::filesystem::resize_file(r.folder.path("a.log"), 0); // as logrotate's copytruncate does
  r.folder.append("a.log", json_lines(5, 20));
  CHECK(r.run("a.log", json, true) == sequence(5, 20));
  CHECK(log.count("was cut and written anew") == 1);
}

TEST_CASE("a file that is gone is no loss when all of it was read") {
  resumed_reading r;
  std::filesystem::create_directory(r.folder.path("in"));
  r.folder.append("in/a.json", json_lines(0, 3));
  r.folder.append("in/b.json", json_lines(3, 4));
  CHECK(r.run("in") == sequence(0, 4));
  r.folder.remove("in/a.json");
  CHECK(r.run("in").empty());
}

TEST_CASE("what was changed so that records would be lost or come twice is refused, and the file named") {
  resumed_reading r;
  std::filesystem::create_directory(r.folder.path("in"));
  r.folder.append("in/a.json", json_lines(0, 2'000));
  std::string reason;
  SECTION("replaced, not all of it was read") {
    r.run_one_batch("in");
    r.folder.remove("in/a.json");
    r.folder.append("in/a.json", json_lines(5'000, 9'000));
    reason = "is another file now, and not all of the one before was read";
  }
  SECTION("replaced in a job that does not follow") {
    r.run("in");
    r.folder.remove("in/a.json");
    r.folder.append("in/a.json", json_lines(5'000, 5'003));
    reason = "is another file now";
  }
  SECTION("cut") {
    r.run("in");
    std::filesystem::resize_file(r.folder.path("in/a.json"), 500);
    reason = "was cut: it ends before that position";
  }
  SECTION("written over") {
    r.run("in");
    std::fstream{r.folder.path("in/a.json"), std::ios::in | std::ios::out | std::ios::ate}.seekp(-6, std::ios::end) << "y";
    reason = "was changed in front of that position";
  }
  SECTION("gone") {
    r.run_one_batch("in");
    r.folder.remove("in/a.json");
    r.folder.append("in/b.json", json_lines(0, 1));
    reason = "is gone, and not all of it was read";
  }
  SECTION("not read at all, and gone") {
    r.open("in");
    r.save(r.reader(r.found[0])->saved());
    r.folder.remove("in/a.json");
    reason = "is gone, and not all of it was read";
  }
  SECTION("its last line was half written") {
    r.folder.append("in/a.json", "{\"n\":3}");
    r.run("in");
    r.folder.append("in/a.json", "oops\n");
    reason = "its last line was half written";
  }
  CHECK_THROWS_WITH(
    r.open("in"),
    Catch::Contains("source 'step': " + r.folder.path("in/a.json") + ", which the checkpoint has read up to") &&
      Catch::Contains(reason) && Catch::Contains("files.accept-changes"));
  r.config.set("files.accept-changes", {"true", "test", {}, false});
  if (std::filesystem::is_empty(r.folder.path("in")))
    r.folder.append("in/c.json", "");
  CHECK_NOTHROW(r.open("in"));
}

TEST_CASE("a last line without its line break that has got one since is read once") {
  resumed_reading r;
  r.folder.append("a.json", "{\"n\":1,\"text\":\"x\"}");
  CHECK(r.run("a.json") == numbers{1});
  r.folder.append("a.json", "\r\n{\"n\":2,\"text\":\"x\"}\n");
  CHECK(r.run("a.json") == numbers{2});
}

TEST_CASE("a reader that is given a position and nothing else begins there, if there is one") {
  resumed_reading r;
  r.folder.append("a.json", json_lines(0, 3));
  r.open("a.json");
  read_file on{*r.file, r.found[0], static_cast<std::int64_t>(json_lines(0, 2).size())};
  CHECK(on.drain() == read_status::ended);
  CHECK(on.numbers() == numbers{2});
  CHECK_THROWS_WITH(read_file(*r.file, r.found[0], 10'000), Catch::Contains("a.json has"));
}

TEST_CASE("how far a file is to its end is estimated from what was read since it was read on") {
  resumed_reading r;
  r.folder.append("a.json", json_lines(0, 4'000));
  r.run_one_batch("a.json");
  r.open("a.json");
  const auto reader = r.reader(r.found[0]);
  (void)reader->read();
  CHECK(reader->lag() > 1'900);
  CHECK(reader->lag() < 2'000);
}

TEST_CASE("bookmarks of files are read as they were written, and others refused") {
  file_bookmark mark{{1, 2, 3}, 400, {5, 6}, {7, 8}, record_splitter::place::quoted};
  CHECK(to_text(mark) == "1 1 2 3 400 5 6 7 8 2");
  CHECK(bookmark_from(to_text(mark)) == mark);
  mark.skipping.reset();
  CHECK(bookmark_from(to_text(mark)) == mark);
  for (const auto* text : {"", "2 1 2 3 400 5 6 7 8 2", "1 1 2 3 400 5 6 7 8", "1 1 2 3 400 5 6 7 8 4"})
    CHECK_THROWS_AS(bookmark_from(text), state_error);
}

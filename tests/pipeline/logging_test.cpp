#include <leat/pipeline/logging.hpp>

#include <leat/base/error.hpp>
#include <leat/pipeline/log_format.hpp>
#include <leat/tests/support/in_child.hpp>
#include <leat/tests/support/terminal.hpp>

#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace leat;
using leat::testing::in_child;
using leat::testing::test_pipe;
using leat::testing::test_terminal;

namespace {

constexpr auto noon = from_millis(1'714'564'800'250);

std::string in_json(std::string_view message) {
  const auto line = json_log_line({noon, "info", "", message});
  const std::string head = R"({"time":"2024-05-01T12:00:00.250Z","level":"info","message":")";
  REQUIRE(line.starts_with(head));
  REQUIRE(line.ends_with("\"}\n"));
  return line.substr(head.size(), line.size() - head.size() - 3);
}

std::string text(std::string_view message) {
  const auto line = text_log_line({noon, "info", "", message}, false);
  const std::string head = "2024-05-01T12:00:00.250Z info  ";
  REQUIRE(line.starts_with(head));
  return line.substr(head.size());
}

struct temporary_folder {
  temporary_folder() {
    char name[] = "/tmp/leat-log-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~temporary_folder() { std::filesystem::remove_all(path); }
  std::string path;
};

std::string content(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream{path}.rdbuf();
  return all.str();
}

settings log_settings(std::string format, std::string file = "", std::string level = "info") {
  settings s;
  s.set("log.format", {std::move(format), "defaults.yaml:1", {}, false});
  s.set("log.file", {std::move(file), "job.yaml:3", {}, false});
  s.set("log.level", {std::move(level), "defaults.yaml:2", {}, false});
  return s;
}

/// Logs nowhere afterwards, so that no later test writes to what is gone.
struct quiet_afterwards {
  ~quiet_afterwards() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("")); }
};

} // namespace

TEST_CASE("a JSON line has time, level and message, and the step when there is one") {
  CHECK(
    json_log_line({noon, "warn", "alerts", "late"}) ==
    "{\"time\":\"2024-05-01T12:00:00.250Z\",\"level\":\"warn\",\"step\":\"alerts\",\"message\":\"late\"}\n");
  CHECK(in_json("late") == "late");
}

TEST_CASE("a JSON line escapes quotes, backslashes and every control character") {
  CHECK(in_json("a\"b\\c") == "a\\\"b\\\\c");
  CHECK(in_json("a\nb\tc\rd") == "a\\nb\\tc\\u000dd");
  CHECK(in_json({"\0\x1b\x1f\x7f", 4}) == "\\u0000\\u001b\\u001f\\u007f");
}

TEST_CASE("a JSON line keeps valid UTF-8 and replaces every byte that is none") {
  CHECK(in_json("ü€😀") == "ü€😀");
  CHECK(
    in_json("a\xff"
            "b") == "a\uFFFD"
                    "b");
  CHECK(in_json("\xc0\xaf") == "\uFFFD\uFFFD");                     // overlong
  CHECK(in_json("\xe0\x9f\xbf") == "\uFFFD\uFFFD\uFFFD");           // overlong
  CHECK(in_json("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");           // surrogate
  CHECK(in_json("\xf4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD"); // above U+10FFFF
  CHECK(in_json("\xe2\x82") == "\uFFFD\uFFFD");                     // cut off
  CHECK(in_json("\xf0\x9f\x98") == "\uFFFD\uFFFD\uFFFD");           // cut off
  CHECK(
    in_json("\xe2\x82"
            "a") == "\uFFFD\uFFFD"
                    "a");
}

TEST_CASE("a step's name is escaped like a message") {
  CHECK_THAT(json_log_line({noon, "info", "a\"\n", ""}), Catch::Contains(R"("step":"a\"\n")"));
}

TEST_CASE("a text line is for people") {
  CHECK(text("hello") == "hello\n");
  CHECK(text_log_line({noon, "error", "alerts", "x"}, false) == "2024-05-01T12:00:00.250Z error [alerts] x\n");
  CHECK(text_log_line({noon, "error", "", "x"}, true) == "2024-05-01T12:00:00.250Z \x1b[31merror x\x1b[0m\n");
  CHECK(text_log_line({noon, "info", "", "x"}, true) == text_log_line({noon, "info", "", "x"}, false));
}

TEST_CASE("a text line cannot be forged, nor move the cursor") {
  CHECK(text("a\nb") == "a\n    b\n");
  CHECK(text("\x1b[2J\r") == "\\x1b[2J\\x0d\n");
  CHECK(
    text("\xc2\x9b"
         "2J") == "\\xc2\\x9b2J\n"); // U+009B, the other way to say ESC [
  CHECK(text("\xff\t") == "\\xff\t\n");
  CHECK(text("ü") == "ü\n");
}

TEST_CASE("what is not a terminal gets JSON, unless text is asked for") {
  const quiet_afterwards quiet;
  const test_pipe pipe;
  console to{-1, pipe.in()};
  set_up_logging(log_settings("auto"), to);
  spdlog::info("hello {}", 1);
  CHECK_THAT(
    pipe.drain(), Catch::StartsWith("{\"time\":\"") && Catch::EndsWith("\"level\":\"info\",\"message\":\"hello 1\"}\n"));
  set_up_logging(log_settings("text"), to);
  spdlog::error("hello");
  CHECK_THAT(pipe.drain(), Catch::EndsWith("Z error hello\n"));
}

TEST_CASE("a terminal gets text in colour, unless JSON is asked for") {
  const quiet_afterwards quiet;
  const test_terminal screen;
  console to{-1, screen.fd()};
  set_up_logging(log_settings("auto"), to);
  spdlog::warn("hello");
  CHECK_THAT(screen.shown_until("\n"), Catch::EndsWith("Z \x1b[33mwarn  hello\x1b[0m\r\n"));
  set_up_logging(log_settings("json"), to);
  spdlog::warn("hello");
  CHECK_THAT(screen.shown_until("\n"), Catch::StartsWith("{\"time\""));
}

TEST_CASE("messages below the level are not written") {
  const quiet_afterwards quiet;
  const test_pipe pipe;
  console to{-1, pipe.in()};
  for (const auto& [level, lines] : std::vector<std::pair<std::string, int>>{
         {"trace", 5}, {"debug", 4}, {"info", 3}, {"warn", 2}, {"error", 1}, {"off", 0}}) {
    set_up_logging(log_settings("json", "", level), to);
    spdlog::trace("x");
    spdlog::debug("x");
    spdlog::info("x");
    spdlog::warn("x");
    spdlog::error("x");
    const auto written = pipe.drain();
    CHECK(std::count(written.begin(), written.end(), '\n') == lines);
  }
}

TEST_CASE("a clone of the logger names the step") {
  const quiet_afterwards quiet;
  const test_pipe pipe;
  console to{-1, pipe.in()};
  set_up_logging(log_settings("json"), to);
  spdlog::default_logger()->clone("alerts")->info("x");
  CHECK_THAT(
    pipe.drain(), Catch::EndsWith(R"("level":"info","step":"alerts","message":"x"})"
                                  "\n"));
}

TEST_CASE("a log file gets every message as JSON, behind what it held") {
  const quiet_afterwards quiet;
  const temporary_folder folder;
  const test_pipe pipe;
  console to{-1, pipe.in()};
  std::ofstream{folder.path + "/log"} << "before\n";
  set_up_logging(log_settings("text", folder.path + "/log"), to);
  spdlog::info("hello");
  CHECK_THAT(content(folder.path + "/log"), Catch::StartsWith("before\n{") && Catch::EndsWith("\"hello\"}\n"));
  CHECK_THAT(pipe.drain(), Catch::EndsWith(" info  hello\n"));
}

TEST_CASE("a log file that cannot be opened is refused with the place that named it") {
  CHECK_THROWS_WITH(
    set_up_logging(log_settings("json", "/nowhere/log")),
    "job.yaml:3: log.file: '/nowhere/log' cannot be opened: No such file or directory");
  CHECK_THROWS_WITH(
    set_up_logging(log_settings("json", "/tmp")), "job.yaml:3: log.file: '/tmp' cannot be opened: Is a directory");
}

TEST_CASE("a full log disk costs lines, which are counted, and nothing else") {
  const quiet_afterwards quiet;
  const test_pipe pipe;
  console to{-1, pipe.in()};
  set_up_logging(log_settings("json", "/dev/full"), to);
  const auto before = lost_log_lines();
  spdlog::info("one");
  spdlog::info("two");
  CHECK(lost_log_lines() - before == 2);
  CHECK_THAT(pipe.drain(), Catch::Contains("one") && Catch::Contains("two"));
}

TEST_CASE("a message that cannot be formatted is counted and kills nobody") {
  const quiet_afterwards quiet;
  const test_pipe pipe;
  console to{-1, pipe.in()};
  set_up_logging(log_settings("json"), to);
  const auto before = lost_log_lines();
  spdlog::info(fmt::runtime("{} {}"), 1);
  CHECK(lost_log_lines() - before == 1);
}

TEST_CASE("a log file that may grow no further costs lines, and a torn one is ended before the log goes on") {
  const temporary_folder folder;
  const auto path = folder.path + "/log";
  const int code = in_child([&] {
    protect_standard_streams();
    console nowhere{-1, -1};
    set_up_logging(log_settings("json", path), nowhere);
    const rlimit tight{500, RLIM_INFINITY}, loose{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    for (int i = 0; i < 20; ++i)
      spdlog::info("message {}", i);
    ::setrlimit(RLIMIT_FSIZE, &loose);
    spdlog::info("after");
    return 0;
  });
  CHECK(code == 0);
  std::istringstream lines{content(path)};
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);)
    all.push_back(line);
  REQUIRE(all.size() > 3);
  CHECK_THAT(all.back(), Catch::StartsWith("{") && Catch::EndsWith("\"after\"}"));
  CHECK_THAT(all[all.size() - 2], Catch::StartsWith("{") && Catch::Contains("log lines are missing here: File too large"));
  CHECK_THAT(all[all.size() - 3], !Catch::EndsWith("}")); // the torn line stands alone
}

TEST_CASE("standard streams that are closed at start do not end up in the files opened next") {
  const temporary_folder folder;
  const int code = in_child([&] {
    for (const int fd : {0, 1, 2})
      ::close(fd);
    protect_standard_streams();
    const int data = ::open((folder.path + "/data").c_str(), O_CREAT | O_WRONLY, 0600);
    set_up_logging(log_settings("json"));
    spdlog::error("not into the data");
    return data > 2 && standard_console().print("nor this\n") ? 0 : 1;
  });
  CHECK(code == 0);
  CHECK(content(folder.path + "/data").empty());
}

TEST_CASE("standard output and error whose reader has gone kill nobody") {
  const int code = in_child([&] {
    int gone[2];
    if (::pipe(gone) != 0)
      return 2;
    ::close(gone[0]);
    ::dup2(gone[1], 1);
    ::dup2(gone[1], 2);
    protect_standard_streams();
    set_up_logging(log_settings("json"));
    const auto before = lost_log_lines();
    for (int i = 0; i < 100; ++i)
      spdlog::error("nobody hears");
    return lost_log_lines() - before == 100 && !standard_console().print("nobody reads\n") ? 0 : 1;
  });
  CHECK(code == 0);
}

TEST_CASE("closed descriptors cost lines and nothing else") {
  const quiet_afterwards quiet;
  console closed{-1, 9999};
  set_up_logging(log_settings("json"), closed);
  const auto before = lost_log_lines();
  spdlog::info("x");
  CHECK(lost_log_lines() - before == 1);
  CHECK_FALSE(closed.print("x\n"));
}

TEST_CASE("a reader that stands still costs lines, not time, and is told how many when it goes on") {
  const quiet_afterwards quiet;
  const test_pipe pipe;
  pipe.block_writers();
  console to{-1, pipe.in()};
  set_up_logging(log_settings("json"), to);
  const auto before = lost_log_lines();
  auto logged = std::async(std::launch::async, [] {
    for (int i = 0; i < 2000; ++i)
      spdlog::info("{:0200}", i);
  });
  CHECK(logged.wait_for(30s) == std::future_status::ready); // a tenth of a second each would be minutes
  logged.wait();
  const auto lost = lost_log_lines() - before;
  CHECK(lost > 1000);
  (void)pipe.drain();
  spdlog::info("after");
  CHECK_THAT(pipe.drain(), Catch::Contains("\"" + std::to_string(lost) + " log lines are missing here: "));
}

TEST_CASE("lines from several threads stay whole") {
  const quiet_afterwards quiet;
  const test_pipe pipe;
  console to{-1, pipe.in()};
  set_up_logging(log_settings("json"), to);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&to, t] {
      for (int i = 0; i < 50; ++i)
        t == 0 ? to.set_status("") : spdlog::info("message {}", t);
    });
  for (auto& t : threads)
    t.join();
  std::istringstream lines{pipe.drain()};
  int whole = 0;
  for (std::string line; std::getline(lines, line);)
    whole += line.starts_with("{\"time\":") && line.ends_with("\"}");
  CHECK(whole == 150);
}

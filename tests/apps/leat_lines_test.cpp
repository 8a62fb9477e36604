#include <leat/apps/leat/kafka/even_rate.hpp>
#include <leat/apps/leat/kafka/latency_histogram.hpp>
#include <leat/apps/leat/kafka/line_input.hpp>
#include <leat/apps/leat/kafka/line_record.hpp>
#include <leat/apps/leat/kafka/record_text.hpp>
#include <leat/apps/leat/kafka/scan_start.hpp>
#include <leat/base/error.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace leat;
using namespace leat::cli;
using namespace leat::testing;
using Catch::Contains;
using verdict = line_reader::verdict;

namespace {

/// "key=value" of the record that a line makes; - for null.
std::string record_in(line_reader& reader, std::string_view line) {
  REQUIRE(reader.read(line) == verdict::record);
  const auto& r = reader.record();
  return std::string{r.key.value_or("-")} + '=' + std::string{r.value.value_or("-")};
}

std::string complaint_about(line_reader& reader, std::string_view line) {
  REQUIRE(reader.read(line) == verdict::bad);
  return reader.reason();
}

std::vector<std::string> lines_in(const std::string& text) {
  const temporary_folder folder;
  folder.append("in", text);
  line_input input{folder.path("in")};
  std::vector<std::string> lines;
  while (input.next(1s) == line_input::state::line) {
    lines.emplace_back(input.line());
    CHECK(input.number() == lines.size());
    CHECK_FALSE(input.too_long());
  }
  return lines;
}

} // namespace

TEST_CASE("a line of text is a value, or key and value") {
  line_reader plain{{}};
  CHECK(record_in(plain, "a:b") == "-=a:b");
  CHECK(record_in(plain, "") == "-=");
  line_reader keyed{{.key_field = "", .key_separator = "::", .null = "NULL"}};
  CHECK(record_in(keyed, "a::b::c") == "a=b::c");
  CHECK(record_in(keyed, "a::NULL") == "a=-");
  CHECK(record_in(keyed, "NULL::b") == "-=b");
  CHECK_THAT(complaint_about(keyed, "a:b"), Contains("no key: there is no '::' in it"));
}

TEST_CASE("the key of JSON is a member: its text, or what else it is as JSON has it") {
  line_reader reader{{.form = line_form::json, .key_field = "k", .key_separator = "", .null = {}}};
  CHECK(record_in(reader, R"({"k":"\u00e4","v":1})") == "ä={\"k\":\"\\u00e4\",\"v\":1}");
  CHECK(record_in(reader, R"({"k":12})") == R"(12={"k":12})");
  CHECK(record_in(reader, R"({"k":null})") == R"(-={"k":null})");
  CHECK(record_in(reader, "{\"k\":\"\"}\r") == "={\"k\":\"\"}");
  CHECK(reader.read("  \r") == verdict::nothing);
  CHECK_THAT(complaint_about(reader, R"({"v":1})"), Contains("it has no member 'k'"));
  CHECK_THAT(complaint_about(reader, "[1]"), Contains("it is no object"));
  CHECK_THAT(complaint_about(reader, R"({"k":)"), Contains("no JSON"));
}

TEST_CASE("the key of CSV is a column, which the first line names") {
  line_reader reader{{.form = line_form::csv, .key_field = "user", .key_separator = "", .null = {}}};
  CHECK(reader.read("amount,user") == verdict::nothing);
  CHECK(record_in(reader, "1,\"a \"\"b\"\"\"") == "a \"b\"=1,\"a \"\"b\"\"\"");
  CHECK(complaint_about(reader, "1,2,3") == "3 columns, not 2");
  CHECK_THAT(complaint_about(reader, "1,\"a"), Contains("no CSV"));
  line_reader wrong{{.form = line_form::csv, .key_field = "usr", .key_separator = "", .null = {}}};
  CHECK_THROWS_WITH(wrong.read("amount,user"), Contains("did you mean user?"));
}

TEST_CASE("lines end with a line break, the last one with the input") {
  CHECK(lines_in("").empty());
  CHECK(lines_in("a\n\nb") == std::vector<std::string>{"a", "", "b"});
  CHECK(lines_in("a\n") == std::vector<std::string>{"a"});
  const std::string long_line(600'000, 'x');
  CHECK(lines_in(long_line + "\nb\n" + long_line) == std::vector<std::string>{long_line, "b", long_line});
}

TEST_CASE("a line that is too long is told, and the next one has its number") {
  const temporary_folder folder;
  folder.append("in", std::string(line_input::longest + 1'000'000, 'x') + "\nb\n");
  line_input input{folder.path("in")};
  REQUIRE(input.next(1s) == line_input::state::line);
  CHECK(input.too_long());
  REQUIRE(input.next(1s) == line_input::state::line);
  CHECK(input.line() == "b");
  CHECK(input.number() == 2);
  CHECK_FALSE(input.too_long());
  CHECK(input.next(1s) == line_input::state::end);
}

TEST_CASE("records are sent evenly, and time that was lost is not made up for by a burst") {
  even_rate rate{100};
  const even_rate::clock::time_point start{1h};
  CHECK(rate.wait(start) <= 0ms);
  rate.sent(start);
  CHECK(rate.wait(start) <= 10ms);
  auto now = start + 1min; // nothing was sent for a minute
  int at_once = 0;
  for (; rate.wait(now) <= 0ms; ++at_once)
    rate.sent(now);
  CHECK(at_once <= 2);
  for (int i = 0; i < 100; ++i) {
    now += rate.wait(now);
    rate.sent(now);
  }
  CHECK(now - (start + 1min) > 950ms);
  CHECK(now - (start + 1min) < 1050ms);
}

TEST_CASE("percentiles are right to a 64th") {
  latency_histogram all;
  CHECK(all.percentile(0.5) == 0us);
  for (int i = 1; i <= 100'000; ++i)
    all.add(std::chrono::microseconds{i});
  const auto near = [&](double share, double expected) {
    const auto found = static_cast<double>(all.percentile(share).count());
    CHECK(found <= expected + 1);
    CHECK(found >= expected * 63 / 64);
  };
  near(0.5, 50'000);
  near(0.95, 95'000);
  near(0.99, 99'000);
  CHECK(all.percentile(1) == 100'000us);
  CHECK(all.largest() == 100'000us);
}

TEST_CASE("where to begin is a word, an offset or a time") {
  CHECK(std::holds_alternative<from_earliest>(parse_start("earliest")));
  CHECK(std::holds_alternative<from_latest>(parse_start("latest")));
  CHECK(std::get<from_offset>(parse_start("12")).offset == 12);
  CHECK(to_millis(std::get<from_time>(parse_start("1970-01-01T00:00:01Z")).time) == 1000);
  CHECK_THROWS_AS(parse_start("-1"), config_error);
  CHECK_THROWS_WITH(parse_start("first"), Contains("expected earliest, latest, an offset, or a time"));
}

TEST_CASE("null, empty and binary are told apart, and nothing reaches a terminal that is no text") {
  CHECK(shown(std::nullopt) == "(null)");
  CHECK(shown(std::nullopt, tombstone) == "(tombstone)");
  CHECK(shown("") == "(empty)");
  CHECK(shown("grün") == "grün");
  CHECK(shown("\x1b[2J\xff\n") == "\\x1b[2J\\xff\\x0a");
  CHECK(shown_headers({{"a", "1"}, {"a", std::nullopt}}) == "a=1 a=(null)");
  json_writer json;
  const kafka_message record{{"t", 3}, 7, from_millis(0), std::nullopt, "\xff\xfe", {{"h", "1"}, {"h", std::nullopt}}};
  write_record(json, record, {record.key}, {record.value});
  CHECK(
    json.text() == R"({"topic":"t","partition":3,"offset":7,"timestamp":"1970-01-01T00:00:00.000Z","key":null,)"
                   R"("value":{"$bytes":"fffe"},"headers":[{"name":"h","value":"1"},{"name":"h","value":null}]})"
                   "\n");
}

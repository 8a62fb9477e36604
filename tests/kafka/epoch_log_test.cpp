#include <leat/connectors/epochs/epoch_log.hpp>
#include <leat/connectors/kafka/writing/letters.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace leat;
using Catch::Matchers::Contains;

namespace {

using strings = std::vector<std::string>;

/// "topic@time p=1 key=k value=v name=text", of each record.
strings texts_of(std::string_view log) {
  strings all;
  epoch_log_reader reader{log};
  while (const auto r = reader.next()) {
    auto text = std::string{r->topic} + "@" + std::to_string(to_millis(r->time));
    if (r->partition)
      text += " p=" + std::to_string(*r->partition);
    if (r->key)
      text += " key=" + std::string{*r->key};
    if (r->value)
      text += " value=" + std::string{*r->value};
    for (const auto& [name, value] : r->headers)
      text += " " + std::string{name} + "=" + std::string{value};
    all.push_back(text);
  }
  return all;
}

logged_record record(std::string_view topic, std::string_view value, std::int64_t millis = 1'700'000'000'000) {
  return {topic, from_millis(millis), {}, {}, value, {}};
}

std::string some_log() {
  epoch_log_writer writer;
  writer.add(record("a", "1"));
  writer.add(record("a", "2"));
  return *writer.finish(9, 7);
}

} // namespace

TEST_CASE("a log is read as it was written, every part of a record") {
  epoch_log_writer writer;
  const std::vector<log_header> headers{{"h", "1"}, {"empty", ""}};
  writer.add({"a", from_millis(5), 3, "k", "v", headers});
  writer.add({"a", from_millis(5), {}, "", "", {}});
  writer.add({"b", from_millis(-1), {}, {}, {}, {}});
  writer.add({"a", from_millis(6), 0, {}, std::string(300, 'x'), {}});
  CHECK(writer.records() == 4);
  const auto log = *writer.finish(12, 11);
  CHECK(
    texts_of(log) ==
    strings{"a@5 p=3 key=k value=v h=1 empty=", "a@5 key= value=", "b@-1", "a@6 p=0 value=" + std::string(300, 'x')});
  const epoch_log_reader reader{log};
  CHECK(reader.epoch() == 12);
  CHECK(reader.after() == 11);
  CHECK(reader.records() == 4);
}

TEST_CASE("a writer begins anew after each log, and an epoch without records has one too") {
  epoch_log_writer writer;
  writer.add(record("a", "1"));
  const auto first = *writer.finish(1, 0);
  writer.add(record("a", "2"));
  CHECK(texts_of(*writer.finish(2, 1)) == strings{"a@1700000000000 value=2"});
  CHECK(texts_of(first) == strings{"a@1700000000000 value=1"});
  CHECK(texts_of(*writer.finish(3, 2)).empty());
}

TEST_CASE("a log that nobody has any more leaves its memory to the next, unless that was too much") {
  epoch_log_writer writer;
  const auto write = [&](std::size_t records) {
    for (std::size_t i = 0; i < records; ++i)
      writer.add(record("a", std::string(100, 'x')));
    return writer.finish(1, 0);
  };
  (void)write(1'000); // grows
  auto log = write(1'000);
  const auto* const memory = log->data();
  auto held = write(1'000);
  CHECK(held->data() != memory);
  log.reset();
  log = write(1'000);
  CHECK(log->data() == memory);
  CHECK(texts_of(*log).size() == 1'000);
  held.reset();
  held = write(10); // in large memory, which goes with it
  CHECK(held->capacity() > 100'000);
  held.reset();
  CHECK(write(10)->capacity() < 10'000);
}

TEST_CASE("a record costs its bytes and four more") {
  epoch_log_writer writer;
  writer.add(record("topic", "x"));
  const auto before = writer.bytes();
  writer.add({"topic", from_millis(1'700'000'000'000), {}, "key", std::string(100, 'x'), {}});
  CHECK(writer.bytes() - before == 3 + 100 + 4);
}

TEST_CASE("the bytes of a log are those of docs/formats/epoch_log.md") {
  epoch_log_writer writer;
  writer.add({"t", from_millis(1'700'000'000'000), {}, "k", "hi", {}});
  const std::string expected{
    "\x01"                                     // version
    "\x01\x01t"                                // topic
    "\x02\x80\xa0\xab\xfe\xf9\x62"             // time
    "\x03\x06\x01k\x02hi"                      // record
    "\x0d\0\0\0\0\0\0\0\x0c\0\0\0\0\0\0\0\x01" // epoch, after, records
    "\0\0\0\0\0\0\0",
    1 + 3 + 7 + 7 + 24};
  CHECK(*writer.finish(13, 12) == expected);
}

TEST_CASE("a log that was cut anywhere, or changed in its count, is refused") {
  const auto log = some_log();
  for (std::size_t size = 0; size < log.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(texts_of(log.substr(0, size)), state_error);
  }
  auto other = log;
  ++other[log.size() - 8];
  CHECK_THROWS_WITH(texts_of(other), Contains("epoch 9") && Contains("holds 2 records and says 3"));
}

TEST_CASE("a log of a later version is refused, and said to be one") {
  auto log = some_log();
  log[0] = 2;
  CHECK_THROWS_WITH(texts_of(log), Contains("later version"));
}

TEST_CASE("a dead letter in a log goes to its topic's letters, whole; cut, it says so and by how much") {
  dead_letter letter;
  letter.reason = "r";
  letter.topic = "out";
  letter.key.emplace(600, 'k');
  letter.payload.emplace(1000, 'v');
  epoch_log_writer writer;
  log_letter(writer, letter);
  const auto whole = *writer.finish(1, 0);
  epoch_log_reader reader{whole};
  const auto record = *reader.next();
  CHECK(record.topic == "out-dlq");
  CHECK(record.size() == 1600);

  REQUIRE(log_cut_letter(writer, record));
  const auto cut = *writer.finish(1, 0);
  epoch_log_reader cut_reader{cut};
  const auto shorter = *cut_reader.next();
  CHECK(shorter.size() == 800);
  CHECK(shorter.key->size() == 400);
  CHECK_THAT(texts_of(cut).at(0), Contains("leat.truncated=1000") && Contains("leat.truncated-key=600"));
}

TEST_CASE("a dead letter of a few bytes is not cut further") {
  epoch_log_writer writer;
  CHECK_FALSE(log_cut_letter(writer, record("out-dlq", "short")));
  CHECK(writer.records() == 0);
}

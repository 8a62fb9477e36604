#include "pipes.hpp"

#include <leat/base/time.hpp>
#include <leat/connectors/kafka/wire/dead_letter_headers.hpp>

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <optional>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

// Rows 21 to 24 of the faults through the whole pipeline: one bad record among good ones ends in the dead letters as it
// came, the good ones come out right, and nothing disappears uncounted.

namespace {

struct bad_input {
  std::string name;
  std::optional<std::string> value;
  std::string reason; // part of what the dead letter says
};

std::string with(const std::string& field, const std::string& value) {
  const auto pick = [&](const char* name, const std::string& usual) {
    return fmt::format("\"{}\":{}", name, field == name ? value : usual);
  };
  return fmt::format(
    "{{{},{},{},{},{},{}}}", pick("transaction_id", "\"bad\""), pick("user_id", "\"user-1\""), pick("amount", "5"),
    pick("merchant", "\"shop\""), pick("country", "\"NO\""), pick("timestamp", std::to_string(first_minute())));
}

std::string with_unknown(const std::string& value) {
  auto document = with("", "");
  return document.insert(document.size() - 1, ",\"unknown\":" + value);
}

std::vector<bad_input> bad_inputs() {
  const std::string many(100'000, '[');
  const auto seconds = std::to_string(first_minute() / 1000);
  return {
    {"invalid JSON", "{\"transaction_id\":", "invalid JSON"},
    {"truncated Protobuf", std::string{"\x0a\x07user\x00", 7}, "not an object"},
    {"empty value", "", "empty"},
    {"null value", std::nullopt, "null"},
    {"100 000 nested brackets", many, "not an object, but a list"},
    {"100 000 nested brackets in an unknown field", with_unknown(many), "nested more than 1024 deep"},
    {"invalid UTF-8", with("user_id", "\"a\xff\""), "invalid UTF-8"},
    {"a NUL byte in a string", with("user_id", std::string{"\"a\0b\"", 5}), "control character"},
    {"duplicate field", with("", "").insert(1, "\"amount\":5,"), "field `amount` appears twice"},
    {"missing field", "{\"transaction_id\":\"bad\",\"user_id\":\"user-1\"}", "field `amount` is missing"},
    {"null for a value", with("user_id", "null"), "field `user_id`: expected a string, found null"},
    {"NaN", with("amount", "NaN"), "field `amount`: expected a number"},
    {"infinity", with("amount", "-Infinity"), "field `amount`: expected a number"},
    {"1e400", with("amount", "1e400"), "field `amount`: 1e400 does not fit"},
    {"text for a number", with("amount", "\"12\""), "field `amount`: expected a number"},
    {"int64 overflow", with("timestamp", "9223372036854775808"), "field `timestamp`"},
    {"the largest int64", with("timestamp", "9223372036854775807"), "time.max-future"},
    {"the smallest int64", with("timestamp", "-9223372036854775808"), "time.max-past"},
    {"year 9999", with("timestamp", "253402300799000"), "time.max-future"},
    {"year 9999 as text", with("timestamp", "\"9999-12-31T23:59:59Z\""), "time.max-future"},
    {"negative time", with("timestamp", "-1"), "time.max-past"},
    {"seconds for milliseconds", with("timestamp", seconds), "seconds instead of milliseconds?"},
    {"10 MB that are no record", "{\"transaction_id\":\"" + std::string(10'000'000, 'x'), "invalid JSON"},
  };
}

const std::map<std::string, std::string> large_records{{"max.message.bytes", "20000000"}};

/// Puts good payments into a topic of one partition, and after each tenth whatever else is asked for.
class mixed_input {
public:
  explicit mixed_input(const std::string& topic) : topic_{topic} {}

  void good() {
    for (int i = 0; i < 10; ++i)
      put(json_of(payments.at(next_++)));
  }

  /// @returns the record's offset.
  std::int64_t put(std::optional<std::string_view> value, std::optional<std::string_view> key = {}) {
    feeder_.send(topic_, key, value, 0);
    return count++;
  }

  void finish() {
    good();
    feeder_.flush();
    payments.resize(next_);
  }

  std::vector<payment> payments = make_payments({.seed = 51, .count = 1000, .partitions = 1, .step = 500});
  std::int64_t count = 0;

private:
  const std::string topic_;
  kafka_feeder feeder_{brokers(), {{"message.max.bytes", "20000000"}}};
  std::size_t next_ = 0;
};

std::int64_t filtered(const std::vector<payment>& payments) {
  return std::count_if(payments.begin(), payments.end(), [](const payment& p) { return p.amount <= 0; });
}

std::int64_t records_behind(const std::vector<total_row>& rows) {
  std::int64_t sum = 0;
  for (const auto& row : rows)
    sum += row.transactions;
  return sum;
}

} // namespace

TEST_CASE("each bad record becomes a dead letter with its bytes and place, and the good ones come out right") {
  pipes run{windowed_totals, 1, large_records};
  mixed_input in{run.input};
  const auto bad = bad_inputs();
  std::vector<std::int64_t> offsets;
  for (const auto& b : bad) {
    in.good();
    offsets.push_back(in.put(b.value, "key of " + b.name));
  }
  in.finish();
  const auto counted = run.run_bounded();

  const auto rows = run.rows();
  CHECK(difference(rows, expected_totals(in.payments)) == "");
  CHECK(counted.records_in == in.count);
  CHECK(counted.dead_letters == static_cast<std::int64_t>(bad.size()));
  CHECK(counted.records_in == records_behind(rows) + counted.late + counted.dead_letters + filtered(in.payments));

  const auto letters = read_topic(brokers(), run.input + "-dlq");
  REQUIRE(letters.size() == bad.size());
  for (std::size_t i = 0; i < bad.size(); ++i) {
    INFO(bad[i].name << ": " << letters[i].headers.at(dead_letter_headers::reason));
    CHECK_THAT(letters[i].headers.at(dead_letter_headers::reason), Contains(bad[i].reason));
    CHECK(letters[i].headers.at(dead_letter_headers::topic) == run.input);
    CHECK(letters[i].headers.at(dead_letter_headers::partition) == "0");
    CHECK(letters[i].headers.at(dead_letter_headers::offset) == std::to_string(offsets[i]));
    CHECK(letters[i].key == "key of " + bad[i].name);
    CHECK((letters[i].payload == bad[i].value));
  }
}

TEST_CASE("unusual records that have a meaning come out with it") {
  pipes run{windowed_totals, 1, large_records};
  mixed_input in{run.input};
  std::vector<payment> unusual;
  const auto put = [&](const std::string& json, const std::string& user, double amount) {
    in.put(json, "a key");
    unusual.push_back({"", user, amount, first_minute(), 0});
  };
  in.good();
  put(with_unknown("[1,{\"a\":null}]"), "user-1", 5);
  put("\xef\xbb\xbf" + with("", ""), "user-1", 5);
  put(with("user_id", R"("a\u0000b")"), std::string{"a\0b", 3}, 5);
  put(with("user_id", "\"\""), "", 5);
  put(with("amount", "-0.0"), "user-1", -0.0);
  for (const auto& p :
       {payment{"", "tiny", 5e-324, first_minute()}, payment{"", "huge", 1.7976931348623157e308, first_minute()}})
    put(json_of(p), p.user, p.amount);
  put(with("timestamp", "\"" + format_timestamp(from_millis(first_minute())) + "\""), "user-1", 5);
  put(with("merchant", "\"" + std::string(10'000'000, 'x') + "\""), "user-1", 5);
  in.finish();
  const auto counted = run.run_bounded();
  unusual.insert(unusual.end(), in.payments.begin(), in.payments.end());
  CHECK(counted.dead_letters == 0);
  CHECK(difference(run.rows(), expected_totals(unusual)) == "");
}

TEST_CASE("a row that is too large for the output topic becomes a dead letter of that topic, and the others go on") {
  pipes run{windowed_totals, 1, large_records};
  mixed_input in{run.input};
  const std::string long_name(2'000'000, 'x');
  in.good();
  in.put(with("user_id", "\"" + long_name + "\""));
  in.finish();
  const auto counted = run.run_bounded();
  const auto rows = run.rows();
  CHECK(difference(rows, expected_totals(in.payments)) == "");
  CHECK(counted.records_out == static_cast<std::int64_t>(rows.size()));
  CHECK(counted.dead_letters == 1);
  const auto letters = read_topic(brokers(), run.output + "-dlq");
  REQUIRE(letters.size() == 1);
  CHECK_THAT(letters[0].headers.at(dead_letter_headers::reason), Contains("too large"));
  CHECK(letters[0].headers.at(dead_letter_headers::topic) == run.output);
  CHECK((letters[0].key == long_name));
  CHECK((parse_total(letters[0].payload.value()).user == long_name));
}

TEST_CASE("without dead letters, what cannot be read or written is counted and goes nowhere") {
  pipes run{windowed_totals, 1, large_records};
  mixed_input in{run.input};
  in.good();
  in.put("no JSON");
  in.put(with("user_id", "\"" + std::string(2'000'000, 'x') + "\""));
  in.finish();
  const auto counted = run.run_bounded({"--set", "dead-letters.enabled=false"});
  CHECK(difference(run.rows(), expected_totals(in.payments)) == "");
  CHECK(counted.dead_letters == 2);
  const kafka_admin admin{brokers()};
  CHECK_FALSE(admin.partitions(run.input + "-dlq"));
  CHECK_FALSE(admin.partitions(run.output + "-dlq"));
}

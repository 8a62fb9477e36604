#include "json_fixture.hpp"
#include "order.hpp"

#include <leat/base/error.hpp>
#include <leat/connectors/formats/csv.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

struct trade {
  std::int64_t id = 0;
  std::string symbol;
  double price = 0;
  leat::timestamp at{};
  bool paid = false;
  std::int8_t small = 0;
  std::uint64_t large = 0;
  float ratio = 0;
  color paint = color::red;
  std::optional<std::string> note;
  std::optional<std::int32_t> rank;
  bool operator==(const trade&) const = default;
};
BOOST_DESCRIBE_STRUCT(trade, (), (id, symbol, price, at, paid, small, large, ratio, paint, note, rank))

struct pair {
  std::string name;
  std::optional<int> number;
  bool operator==(const pair&) const = default;
};
BOOST_DESCRIBE_STRUCT(pair, (), (name, number))

struct lone_note {
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(lone_note, (), (note))

struct lone_rank {
  std::optional<int> rank;
  bool operator==(const lone_rank&) const = default;
};
BOOST_DESCRIBE_STRUCT(lone_rank, (), (rank))

template <class T>
decoding<T> read(std::string_view line, std::string_view header = {}) {
  const auto decoder = header.empty() ? csv.make_decoder(schema_of<T>()) : csv.make_decoder_behind(header, schema_of<T>());
  return decode_all<T>(*decoder, {line}).front();
}

template <class T>
encoded_records written(const std::vector<T>& records, std::vector<rejection>& rejected) {
  encoded_records out;
  csv.make_encoder(schema_of<T>())->encode(records.data(), sizeof(T), records.size(), out, rejected);
  return out;
}

template <class T>
std::string line_of(const T& record) {
  std::vector<rejection> rejected;
  const auto out = written<T>({record}, rejected);
  return rejected.empty() ? out.bytes : rejected.front().reason;
}

/// The records of a file, found as a reader finds them that gets `piece` bytes at a time.
std::vector<std::string> split(const std::string& text, std::size_t piece) {
  auto splitter = csv.make_splitter();
  std::vector<std::string> records;
  std::size_t begin = 0;
  for (std::size_t there = 0; there < text.size();) {
    there = std::min(there + piece, text.size());
    for (std::size_t size;
         (size = splitter.next(std::string_view{text}.substr(begin, there - begin))) != record_splitter::unfinished;
         begin += size)
      records.emplace_back(without_line_break(std::string_view{text}.substr(begin, size)));
  }
  return records;
}

class random_trades {
public:
  explicit random_trades(std::uint64_t seed) : bits_{seed} {}

  trade next() {
    const auto whole = static_cast<std::int64_t>(bits_());
    trade t;
    t.id = whole;
    t.symbol = text();
    t.price = real();
    t.at = from_millis(whole / 3);
    t.paid = coin();
    t.small = static_cast<std::int8_t>(bits_());
    t.large = bits_();
    t.ratio = static_cast<float>(whole) / 7;
    t.paint = coin() ? color::green : color::dark_blue;
    if (coin())
      t.note = text();
    if (coin())
      t.rank = static_cast<std::int32_t>(bits_());
    return t;
  }

private:
  bool coin() { return bits_() % 2 == 0; }

  double real() {
    const auto value = std::bit_cast<double>(bits_());
    return std::isfinite(value) ? value : -0.0;
  }

  std::string text() {
    static const char* const pieces[] = {"a", "\"", ",", "\n", "\r\n", "é", " ", ";", "\"\"", "0123456789abcdef"};
    std::string made;
    for (auto count = bits_() % 6; count > 0; --count)
      made += pieces[bits_() % std::size(pieces)];
    return made;
  }

  std::mt19937_64 bits_;
};

} // namespace

TEST_CASE("random records come back from a CSV file as they were, however the file is cut into pieces") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  random_trades random{seed};
  for (const std::size_t piece : {1U, 7U, 64U, 100'000U}) {
    std::vector<trade> trades(200);
    for (auto& t : trades)
      t = random.next();
    std::vector<rejection> rejected;
    const auto lines = written(trades, rejected);
    REQUIRE(rejected.empty());
    std::string file;
    for (std::size_t i = 0; i < lines.size(); ++i)
      file.append(lines[i]).append(i % 2 == 0 ? "\n" : "\r\n");
    const auto records = split(file, piece);
    REQUIRE(records.size() == trades.size());
    const auto read = decode_all<trade>(*csv.make_decoder(schema_of<trade>()), {records.begin(), records.end()});
    for (std::size_t i = 0; i < trades.size(); ++i) {
      INFO(records[i] << " " << read[i].reason);
      REQUIRE(read[i].record == trades[i]);
    }
  }
}

TEST_CASE("columns are found by the names in the header, in any order") {
  CHECK(read<pair>("7,x", "number,name").record == pair{"x", 7});
  CHECK(read<pair>("x", "name").record == pair{"x", std::nullopt}); // an optional field's column may be missing
}

TEST_CASE("a header that does not fit is refused with the column's name") {
  const auto& of = schema_of<pair>();
  CHECK_THROWS_WITH(csv.make_decoder_behind("number", of), Catch::Contains("no column `name`"));
  CHECK_THROWS_WITH(csv.make_decoder_behind("name,nmuber", of), Catch::Contains("`nmuber`") && Catch::Contains("number"));
  CHECK_THROWS_WITH(csv.make_decoder_behind("name,name", of), Catch::Contains("`name` twice"));
  static constinit const csv_format lenient{{.ignore_unknown_columns = true}};
  CHECK(decode_all<pair>(*lenient.make_decoder_behind("a,name,b", of), {"1,x,2"}).front().record == pair{"x", {}});
}

TEST_CASE("a misspelt column is told from the field that is meant") {
  CHECK_THROWS_WITH(
    csv.make_decoder_behind("name,nmuber", schema_of<pair>()),
    "the header has a column `nmuber`, which is no field of record `pair` (name, number): did you mean `number`?; "
    "csv_format{{.ignore_unknown_columns = true}} leaves such columns out");
}

TEST_CASE("a file with another delimiter is recognised, by its header and by its lines") {
  CHECK_THROWS_WITH(
    csv.make_decoder_behind("name;number", schema_of<pair>()),
    "the first line has one column, `name;number`: is the delimiter ';'? Then read it as csv_format{{.delimiter = ';'}}");
  CHECK_THROWS_WITH(csv.make_decoder_behind("x;name", schema_of<pair>()), Catch::Contains("is the delimiter ';'?"));
  CHECK_THROWS_WITH(csv.make_decoder_behind("name\tnumber", schema_of<pair>()), Catch::Contains("is the delimiter '\\t'?"));
  CHECK(read<pair>("a;1").reason == "the line has 1 columns instead of 2: is the delimiter ';'?");
  CHECK(read<pair>("\"a,1\"").reason == "the line has 1 columns instead of 2"); // that comma is text
}

TEST_CASE("a file without the line of column names is recognised") {
  CHECK_THROWS_WITH(
    csv.make_decoder_behind("x,7", schema_of<pair>()),
    "the first line names no field of record `pair` (name, number); its columns are `x`, `7`. If it is a record already, "
    "because the file has no line of column names, read it as csv_format{{.header = false}}");
  static constinit const csv_format lenient{{.ignore_unknown_columns = true}};
  CHECK_THROWS_WITH(lenient.make_decoder_behind("7", schema_of<lone_note>()), Catch::Contains(".header = false"));
}

TEST_CASE("another delimiter is another format") {
  static constinit const csv_format semicolons{{.delimiter = ';'}};
  CHECK(semicolons.header(schema_of<pair>()) == "name;number");
  CHECK(decode_all<pair>(*semicolons.make_decoder(schema_of<pair>()), {"a,b;3"}).front().record == pair{"a,b", 3});
}

TEST_CASE("quotes hold delimiters, quotes and line breaks") {
  CHECK(read<pair>("\"a,\"\"b\"\"\nc\",\"5\"").record == pair{"a,\"b\"\nc", 5});
  CHECK(read<pair>(" a ,").record == pair{" a ", std::nullopt}); // spaces belong to the field
}

TEST_CASE("an optional string knows empty from none") {
  CHECK(read<lone_note>("\"\"").record->note == "");
  CHECK(read<lone_note>("").record->note == std::nullopt);
  CHECK(line_of(lone_note{""}) == "\"\"");
  CHECK_THAT(line_of(lone_note{}), Catch::Contains("field `note`") && Catch::Contains("empty line"));
  CHECK(read<lone_rank>(line_of(lone_rank{})).record == lone_rank{});
}

TEST_CASE("what is no CSV is refused") {
  CHECK_THAT(read<pair>("\"a,1").reason, Catch::Contains("never closed"));
  CHECK_THAT(read<pair>("\"a\"b,1").reason, Catch::Contains("behind the closing quote"));
  CHECK_THAT(read<pair>("5\" pipe,1").reason, Catch::Contains("a quote inside a field"));
  CHECK(read<pair>("a").reason == "the line has 1 columns instead of 2");
  CHECK(read<pair>("a,1,").reason == "the line has 3 columns instead of 2");
  CHECK(read<pair>("a\xff,1").reason == "invalid UTF-8 at byte 1");
}

TEST_CASE("nothing is guessed: a value that is not of its field's type is refused") {
  const auto reason = [](std::string_view header, std::string_view value) {
    return read<trade>(
             std::string{"1,s,1,0,true,1,1,1,red,"} + std::string{value},
             "id,symbol,price,at,paid,small,large,ratio,paint," + std::string{header})
      .reason;
  };
  CHECK(reason("rank", "12x") == "field `rank`: expected an integer, found \"12x\"");
  CHECK(reason("rank", " 1") == "field `rank`: expected an integer, found \" 1\"");
  CHECK(reason("rank", "2147483648") == "field `rank`: expected an int32 in range, found \"2147483648\"");
  CHECK(read<trade>("1,s,nan,0,true,1,1,1,red,,").reason == "field `price`: expected a number, found \"nan\"");
  CHECK(read<trade>("1,s,1e999,0,true,1,1,1,red,,").reason.find("range of a double") != std::string::npos);
  CHECK(read<trade>("1,s,,0,true,1,1,1,red,,").reason == "field `price`: expected a number, found \"\"");
  CHECK(read<trade>("1,s,1,noon,true,1,1,1,red,,").reason.find("field `at`") == 0);
  CHECK(read<trade>("1,s,1,0,yes,1,1,1,red,,").reason.find("field `paid`") == 0);
  CHECK(read<trade>("1,s,1,0,true,128,1,1,red,,").reason.find("field `small`: expected an int8 in range") == 0);
  CHECK(read<trade>("1,s,1,0,true,1,-1,1,red,,").reason.find("field `large`") == 0);
  CHECK(
    read<trade>("1,s,1,0,true,1,1,1,pink,,").reason ==
    "field `paint`: expected one of red, green, dark_blue, found \"pink\"");
}

TEST_CASE("times are milliseconds or ISO-8601, and written as milliseconds") {
  CHECK(read<trade>("1,s,1,1970-01-01T00:00:01Z,true,1,1,1,red,,").record->at == from_millis(1000));
  trade t;
  t.at = from_millis(-5);
  CHECK(line_of(t) == "0,,0,-5,false,0,0,0,red,,");
}

TEST_CASE("what has no form in CSV is refused") {
  trade t;
  t.price = std::numeric_limits<double>::infinity();
  CHECK_THAT(line_of(t), Catch::Contains("field `price`"));
  CHECK_THAT(line_of(pair{"\xff", 1}), Catch::Contains("not UTF-8"));
  CHECK_THROWS_WITH(csv.make_decoder(schema_of<item>()), Catch::Contains("field `tags`") && Catch::Contains("list"));
}

TEST_CASE("a stray quote does not swallow the lines behind it") {
  CHECK(split("5\" pipe,1\nb,2\n", 100) == std::vector<std::string>{"5\" pipe,1", "b,2"});
}

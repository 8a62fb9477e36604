#include "json_fixture.hpp"

#include <fmt/format.h>

using namespace leat;
using namespace leat::testing;

// Row 21 of the faults: what is not JSON, or not a record.

namespace {

struct payment {
  std::string id;
  double amount = 0;
  bool operator==(const payment&) const = default;
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, amount))

const payment good{"a", 1.5};

/// A good document with one more field, which nobody has described.
std::string with_unknown(const std::string& value) { return R"({"id":"a","other":)" + value + R"(,"amount":1.5})"; }

std::string repeated(const char* text, std::size_t count) {
  std::string all;
  while (count-- > 0)
    all += text;
  return all;
}

} // namespace

TEST_CASE("a document is read whatever the order of its fields and its white space") {
  CHECK(accepted<payment>(R"({"id":"a","amount":1.5})") == good);
  CHECK(accepted<payment>("\r\n\t {\n\"amount\" : 1.5 ,\t\"id\"\n:\"a\"  } \n\n") == good);
}

TEST_CASE("an empty value is refused") {
  CHECK(refused<payment>("") == "the document is empty");
  CHECK(refused<payment>(" \n") == "the document is empty");
  CHECK(refused<payment>("\xef\xbb\xbf") == "the document is empty");
}

TEST_CASE("a null value is refused as what it is") {
  std::vector<raw_record> tombstone(1);
  std::vector<rejection> rejected;
  payment slot;
  CHECK(json.make_decoder(schema_of<payment>())->decode(tombstone, &slot, sizeof slot, rejected) == 0);
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].reason == "the value is null (a tombstone), not a JSON document");
}

TEST_CASE("a null key is none of the decoder's business") {
  std::vector<raw_record> keyless(1);
  keyless[0].payload = R"({"id":"a","amount":1.5})";
  std::vector<rejection> rejected;
  payment slot;
  CHECK(json.make_decoder(schema_of<payment>())->decode(keyless, &slot, sizeof slot, rejected) == 1);
  CHECK(slot == good);
}

TEST_CASE("what is not an object is refused") {
  CHECK(refused<payment>("[]") == "the document is not an object, but a list");
  CHECK(refused<payment>("12") == "the document is not an object, but begins with 12");
  CHECK(refused<payment>("null") == "the document is not an object, but begins with null");
  CHECK(refused<payment>("hello world") == "the document is not an object, but begins with hello");
}

TEST_CASE("every truncation of a document is refused") {
  const std::string whole = R"({"id":"a\u00e9é","x":[{"y":null},true],"amount":1.5})";
  REQUIRE(decode<payment>(whole).record.has_value());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(whole.substr(0, size));
    CHECK(refused<payment>(whole.substr(0, size)) != "");
  }
  CHECK(refused<payment>(R"({"id":"a","amount":1.5)") == "invalid JSON: the document ends too early");
  CHECK(refused<payment>(R"({"id":"a)") == "invalid JSON: the document ends in the middle of a string");
}

TEST_CASE("every byte of a document that is replaced by another gives a record or a reason, the same on every path") {
  const std::string whole = R"({"id":"a\nb","x":[1],"amount":1.5})";
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const char other : {'\0', '"', '\\', '{', '}', '[', ']', ',', ':', ' ', '0', 'x', '\x0c', '\x1a', '\xff'}) {
      auto changed = whole;
      changed[i] = other;
      INFO(changed);
      const auto result = decode<payment>(changed);
      CHECK(result.record.has_value() == result.reason.empty());
    }
}

TEST_CASE("a backslash at the end of a document does not open it to the next one") {
  CHECK(refused<payment>(R"({"id":"a\)") != "");
  CHECK(refused<payment>(R"({"id":"a","amount":1.5}\)") != "");
}

TEST_CASE("broken grammar is refused with the place where it breaks") {
  CHECK(refused<payment>(R"({"id":"a" "amount":1.5})") == "invalid JSON at byte 10: expected `,` or `}`, found \"amount\"");
  CHECK(refused<payment>(R"({"id" "a"})") == "invalid JSON at byte 6: expected `:`, found \"a\"");
  CHECK(refused<payment>(R"({"id":"a",})") == "invalid JSON at byte 10: expected a field's name, found }");
  CHECK(refused<payment>(R"({id:"a"})") == "invalid JSON at byte 1: expected a field's name, found id");
  CHECK(refused<payment>(R"({'id':"a"})") == "invalid JSON at byte 1: expected a field's name, found 'id'");
  CHECK(refused<payment>(R"({"id":"a"x,"amount":1})") == "invalid JSON at byte 9: expected `,` or `}`, found x");
  CHECK(refused<payment>(R"(,{"id":"a"})") == "the document is not an object, but begins with ,");
}

TEST_CASE("content behind the document is refused") {
  CHECK(refused<payment>(R"({"id":"a","amount":1.5} x)") == "there is more behind the document: x");
  CHECK(
    refused<payment>(R"({"id":"a","amount":1.5}{"id":"b","amount":2})") == "there is more behind the document: an object");
  CHECK(refused<payment>(R"({"id":"a","amount":1.5}})") == "there is more behind the document: }");
}

TEST_CASE("unknown fields are left out, whatever they hold") {
  for (const char* value :
       {"0", "-1.5e400", "123456789012345678901234567890", "true", "false", "null", "\"\"", "\"\\u0000\"", "[]", "{}",
        "[[],{},[{}]]", R"({"id":"z","amount":9,"":{"deep":[1,2,{"x":[]}]}})", R"({"twice":1,"twice":2})",
        " [ 1 , { \"a\" : \"b\" } ] "}) {
    INFO(value);
    CHECK(accepted<payment>(with_unknown(value)) == good);
  }
}

TEST_CASE("unknown fields must still be JSON") {
  for (const char* value : {"",      "01",          "nul",  "nulll", "True",    "\"\\x\"",  "\"\\u12\"",  "\"\\ud800\"",
                            "[1 2]", "[,]",         "[1,]", "{1:2}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[}",
                            "{]",    "{\"\\q\":1}", "[1",   "1]",    "\x01"}) {
    INFO(value);
    CHECK(refused<payment>(with_unknown(value)) != "");
  }
}

TEST_CASE("nesting is followed 1024 deep and no deeper") {
  CHECK(accepted<payment>(with_unknown(std::string(1023, '[') + std::string(1023, ']'))) == good);
  CHECK(
    refused<payment>(with_unknown(std::string(1024, '[') + std::string(1024, ']'))) ==
    "nested more than 1024 deep at byte 1041");
  CHECK(accepted<payment>(with_unknown(repeated("{\"a\":", 1023) + "1" + std::string(1023, '}'))) == good);
}

TEST_CASE("100000 nested brackets are refused without a crash") {
  const std::string brackets(100'000, '[');
  CHECK(refused<payment>(brackets) == "the document is not an object, but a list");
  CHECK(refused<payment>(with_unknown(brackets)) == "nested more than 1024 deep at byte 1041");
  CHECK(refused<payment>(R"({"id":)" + brackets + "}") == "field `id`: expected a string, found a list");
  CHECK(refused<payment>(repeated("{\"a\":", 100'000)) == "nested more than 1024 deep at byte 5120");
}

TEST_CASE("invalid UTF-8 is refused with its place, wherever it stands") {
  CHECK(refused<payment>("{\"id\":\"a\xff\",\"amount\":1}") == "invalid UTF-8 at byte 8");
  CHECK(refused<payment>("{\"id\":\"\xc0\xaf\",\"amount\":1}") == "invalid UTF-8 at byte 7");         // overlong
  CHECK(refused<payment>("{\"id\":\"\xed\xa0\x80\",\"amount\":1}") == "invalid UTF-8 at byte 7");     // a surrogate
  CHECK(refused<payment>("{\"id\":\"\xf4\x90\x80\x80\",\"amount\":1}") == "invalid UTF-8 at byte 7"); // above U+10FFFF
  CHECK(refused<payment>("{\"id\":\"a\",\"amount\":1,\"\xe2\x82\":1}") == "invalid UTF-8 at byte 22");
  CHECK(refused<payment>("{\"id\":\"a\",\"amount\":1}\xe2\x82") != "");
}

TEST_CASE("text of every plane is kept") {
  CHECK(accepted<payment>("{\"id\":\"\x7f é 中 🙂\",\"amount\":1.5}").id == "\x7f é 中 🙂");
  CHECK(accepted<payment>(R"({"id":"\u00e9\u4e2d\ud83d\ude42\uffff","amount":1.5})").id == "é中🙂\xef\xbf\xbf");
}

TEST_CASE("U+0000 in a string is kept as a NUL character") {
  CHECK(accepted<payment>(R"({"id":"a\u0000b","amount":1.5})").id == std::string("a\0b", 3));
  CHECK(
    refused<payment>(std::string("{\"id\":\"a\0b\",\"amount\":1.5}", 25)) ==
    "invalid JSON at byte 8: a control character in a string must be escaped");
}

TEST_CASE("escape sequences are read, and those that JSON does not have are refused") {
  CHECK(accepted<payment>(R"({"id":"\"\\\/\b\f\n\r\t","amount":1.5})").id == "\"\\/\b\f\n\r\t");
  CHECK(
    refused<payment>(R"({"id":"\x41","amount":1.5})") ==
    R"(invalid JSON at byte 6: a backslash is followed by none of " \ / b f n r t u in "\x41")");
  CHECK(
    refused<payment>(R"({"id":"\ud83d","amount":1.5})") ==
    R"(invalid JSON at byte 6: a \u escape is half of a surrogate pair in "\ud83d")");
  CHECK(refused<payment>(R"({"id":"\ude42\ud83d","amount":1.5})") != "");
  CHECK(refused<payment>(R"({"id":"\u12g4","amount":1.5})") != "");
}

TEST_CASE("a byte-order mark at the start is left out, anywhere else it is not") {
  CHECK(accepted<payment>("\xef\xbb\xbf{\"id\":\"a\",\"amount\":1.5}") == good);
  CHECK(refused<payment>("{\"id\":\"a\",\xef\xbb\xbf\"amount\":1.5}") != "");
  CHECK(refused<payment>("\xef\xbb\xbf\xef\xbb\xbf{\"id\":\"a\",\"amount\":1.5}") != "");
}

TEST_CASE("a field that appears twice is refused") {
  CHECK(refused<payment>(R"({"id":"a","amount":1.5,"id":"a"})") == "field `id` appears twice");
  CHECK(refused<payment>(R"({"id":"a","\u0069d":"a","amount":1.5})") == "field `id` appears twice");
}

TEST_CASE("a field's name may be written with escapes") {
  CHECK(accepted<payment>(R"({"\u0069d":"a","amou\u006et":1.5})") == good);
}

TEST_CASE("names are compared whole") {
  CHECK(refused<payment>(R"({"i":"a","amount":1.5})") == "field `id` is missing");
  CHECK(refused<payment>(R"({"idx":"a","amount":1.5})") == "field `id` is missing");
  CHECK(refused<payment>(R"({"ID":"a","amount":1.5})") == "field `id` is missing");
}

TEST_CASE("a missing field is refused by its name") {
  CHECK(refused<payment>(R"({"id":"a"})") == "field `amount` is missing");
  CHECK(refused<payment>("{}") == "field `id` is missing");
}

TEST_CASE("null is no value of a field that is not optional") {
  CHECK(refused<payment>(R"({"id":null,"amount":1.5})") == "field `id`: expected a string, found null");
}

TEST_CASE("a reason shows the beginning of what was found, as printable text on one line") {
  const std::string big(100'000, 'x');
  CHECK(
    refused<payment>(R"({"id":"a","amount":")" + big + R"("})") ==
    "field `amount`: expected a number, found \"" + big.substr(0, 39) + "…");
  CHECK(
    refused<payment>("{\"id\":\"a\",\"amount\":\"\x7f\xe2\x80\xae\"}") ==
    R"(field `amount`: expected a number, found "\x7f\xe2\x80\xae")");
}

TEST_CASE("a document of 10 MB is decoded beside small ones") {
  const std::string big(10'000'000, 'x');
  const auto document = R"({"id":")" + big + R"(","amount":1.5})";
  CHECK(accepted<payment>(document).id == big);
}

TEST_CASE("records and refusals keep their places") {
  const auto decoder = json.make_decoder(schema_of<payment>());
  std::vector<std::string> documents;
  for (int i = 0; i < 1000; ++i)
    documents.push_back(i % 7 == 3 ? "{\"broken" : fmt::format(R"({{"id":"{}","amount":{}}})", std::string(i, 'x'), i));
  const auto all = decode_all<payment>(*decoder, {documents.begin(), documents.end()});
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i % 7 == 3)
      CHECK(all[i].reason == "invalid JSON: the document ends in the middle of a string");
    else
      CHECK(all[i].record == payment{std::string(i, 'x'), static_cast<double>(i)});
}

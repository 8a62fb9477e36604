#include <leat/base/utf8.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace leat;

TEST_CASE("the first and the last sequence of each length are valid") {
  CHECK(utf8_sequence(std::string_view{"\0", 1}) == 1);
  CHECK(utf8_sequence("\x7f") == 1);
  CHECK(utf8_sequence("\xc2\x80") == 2);
  CHECK(utf8_sequence("\xdf\xbf") == 2);
  CHECK(utf8_sequence("\xe0\xa0\x80") == 3);
  CHECK(utf8_sequence("\xef\xbf\xbf") == 3);
  CHECK(utf8_sequence("\xf0\x90\x80\x80") == 4);
  CHECK(utf8_sequence("\xf4\x8f\xbf\xbf") == 4);
}

TEST_CASE("what is overlong, a surrogate or above U+10FFFF is no sequence") {
  for (const char* text :
       {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", // overlong
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"})
    CHECK(utf8_sequence(text) == 0);
  CHECK(utf8_sequence("\xed\x9f\xbf") == 3); // right before the surrogates
  CHECK(utf8_sequence("\xee\x80\x80") == 3); // right behind them
}

TEST_CASE("a sequence that is cut short, or goes on wrongly, is none") {
  for (const char* text : {"", "\x80", "\xc2", "\xe2\x82", "\xf0\x9f\x98", "\xc2\x41", "\xe2\x82\x41", "\xf0\x9f\x98\x41"})
    CHECK(utf8_sequence(text) == 0);
}

TEST_CASE("the first byte that belongs to no sequence is found behind valid ones") {
  CHECK(find_invalid_utf8("gr\xc3\xbc\xc3\x9f") == std::string_view::npos);
  CHECK(find_invalid_utf8("") == std::string_view::npos);
  CHECK(find_invalid_utf8("a\xc3\xbc\xff") == 3);
}

#include "golden.hpp"

#include <sstream>

using namespace leat;
using namespace leat::testing;

namespace {

struct sentence {
  leat::timestamp at;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(sentence, (), (at, text))

struct word_count {
  std::string word;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(word_count, (), (word, count))

void split_into_words(const sentence& s, collector<std::string>& out) {
  std::istringstream words{s.text};
  for (std::string word; words >> word;)
    out.push(word);
}

} // namespace

TEST_CASE("word count says how often each word has come so far") {
  golden([](golden_run& g) {
    const auto words = g.read<sentence>("sentences", &sentence::at).flat_map<std::string>(split_into_words);
    g.expect("word_counts", words.key_by([](const std::string& w) { return w; }).aggregate<word_count>(key, count));
  });
}

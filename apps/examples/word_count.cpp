// word-count: how often each word has come so far. Reads lines that it brings along; prints a count with every word.

#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

#include <sstream>
#include <string>

struct word_count {
  std::string word;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(word_count, (), (word, count))

namespace {

void split_into_words(const std::string& line, leat::collector<std::string>& out) {
  std::istringstream words{line};
  for (std::string word; words >> word;)
    out.push(word);
}

} // namespace

int main(int argc, char** argv) {
  using namespace leat;
  job words{"word-count"};
  words.source(collection<std::string>({"to be or not to be", "that is the question"}))
    .flat_map<std::string>(split_into_words)
    .key_by([](const std::string& word) { return word; })
    .aggregate<word_count>(key, count)
    .sink(to_console<word_count>());
  return run(words, argc, argv);
}

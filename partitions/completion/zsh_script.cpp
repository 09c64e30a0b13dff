// SPDX-License-Identifier: Apache-2.0
#include "partitions/completion/scripts.hpp"

namespace cloison::completion {

namespace {

constexpr const char* functions = R"sh(
# Adds what completes the current word: $1 is what to complete, $2 the layout on the line.
_cloison_complete() {
    case $1 in
    layouts) _files -g '*.xml' ;;
    files) _files ;;
    folders) _files -/ ;;
    partitions) compadd -- ${(f)"$(${~words[1]} completion --partitions ${~2} 2>/dev/null)"} ;;
    verbs) _describe -t verbs verb _cloison_verbs ;;
    rules) compadd -- $=_cloison_rules ;;
    \=*) compadd -- ${=1#\=} ;;
    esac
}

_cloison() {
    local verb=$words[2] cur=$words[CURRENT] layout= value= word
    local -i place=1 i
    local -a arguments options
    if ((CURRENT == 2)); then
        options=(${(f)_cloison_options[-]})
        _describe -t verbs verb _cloison_verbs
        [[ $cur = -* ]] && _describe -o -t options option options
        return
    fi
    # What the words before mean: the value of an option, an option, the place-th argument.
    for ((i = 3; i < CURRENT; i++)); do
        word=$words[i]
        if [[ -n $value ]]; then
            value=
        elif [[ -n ${_cloison_values[$verb $word]} ]]; then
            value=${_cloison_values[$verb $word]}
        elif [[ $word != -* ]]; then
            place+=1
            [[ -z $layout ]] && layout=$word
        fi
    done
    if [[ -n $value ]]; then
        [[ -z $layout ]] && layout=$words[CURRENT+1]
        _cloison_complete $value "$layout"
    elif [[ $cur = -* ]]; then
        options=(${(f)_cloison_options[$verb]})
        _describe -o -t options option options
    else
        arguments=("${(@s:|:)_cloison_arguments[$verb]}")
        ((place > $#arguments)) && place=$#arguments
        ((place > 0)) && _cloison_complete "$arguments[place]" "$layout"
    fi
}

# As a file on fpath it is called to complete; sourced, it is registered.
if [[ $funcstack[1] = _cloison ]]; then
    _cloison "$@"
else
    compdef _cloison cloison
fi
)sh";

/// In single quotes of zsh.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// An entry of _describe: a word, a colon, what it means.
std::string entry(const std::string& word, const std::string& meaning) {
    return meaning.empty() ? word : word + ":" + meaning;
}

} // namespace

std::string zsh_script(const std::vector<VerbShape>& verbs, const std::vector<std::string>& rules) {
    std::string names, options, values, arguments;
    for (const VerbShape& verb : verbs) {
        names += "    " + quoted(entry(verb.name, verb.summary)) + "\n";
        std::string entries;
        for (const Option& option : verb.options)
            for (const std::string& name : option.names) {
                entries += (entries.empty() ? "" : "\n") + entry(name, option.meaning);
                if (!option.placeholder.empty())
                    values += "    " + quoted(verb.name + " " + name) + " " +
                              quoted(action_of(option.placeholder)) + "\n";
            }
        // What "help" lists are the options of the command, before any verb.
        options +=
            "    " + (verb.name == "help" ? "-" : quoted(verb.name)) + " " + quoted(entries) + "\n";
        std::string actions;
        for (const std::string& argument : verb.arguments)
            actions += (actions.empty() ? "" : "|") + action_of(argument);
        arguments += "    " + quoted(verb.name) + " " + quoted(actions) + "\n";
    }
    return "#compdef cloison\n"
           "# zsh completion for cloison, written by `cloison completion zsh`; to use it, behind "
           "compinit:\n"
           "#     source <(cloison completion zsh)\n"
           "typeset -ga _cloison_verbs=(\n" +
           names + ")\ntypeset -g _cloison_rules=" + quoted(joined(rules)) +
           "\ntypeset -gA _cloison_options=(\n" + options + ")\ntypeset -gA _cloison_values=(\n" +
           values + ")\ntypeset -gA _cloison_arguments=(\n" + arguments + ")\n" + functions;
}

} // namespace cloison::completion

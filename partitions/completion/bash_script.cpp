// SPDX-License-Identifier: Apache-2.0
#include "partitions/completion/scripts.hpp"

namespace cloison::completion {

namespace {

// Names of partitions come from a file that anybody may have written. The command prints only
// proper names, and compgen, which expands what it is given, gets no other text from outside.
constexpr const char* functions = R"sh(
# Those of the words in $1 that begin with $cur, one a line.
_cloison_words() {
    local IFS=$' \t\n'
    compgen -W "$1" -- "$cur"
}

# Adds to COMPREPLY what completes $cur: $1 is what to complete, $2 the layout on the line.
_cloison_complete() {
    local IFS=$'\n'
    case $1 in
    layouts) COMPREPLY+=($(compgen -f -X '!*.xml' -- "$cur") $(compgen -d -S / -- "$cur")) ;;
    files) COMPREPLY+=($(compgen -f -- "$cur")) ;;
    folders) COMPREPLY+=($(compgen -d -S / -- "$cur")) ;;
    partitions) COMPREPLY+=($(_cloison_words "$("$command" completion --partitions "${2/#\~\//$HOME/}" 2>/dev/null)")) ;;
    verbs) COMPREPLY+=($(_cloison_words "$_cloison_verbs")) ;;
    rules) COMPREPLY+=($(_cloison_words "$_cloison_rules")) ;;
    =*) COMPREPLY+=($(_cloison_words "${1#=}")) ;;
    esac
    [[ $1 = layouts || $1 = files || $1 = folders ]] && compopt -o filenames 2>/dev/null
    return 0
}

_cloison() {
    local cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[0]} verb= layout= value= place=0 i word
    COMPREPLY=()
    command=${command/#\~\//$HOME/} # what the shell would do later
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "$_cloison_verbs ${_cloison_options[-]}" -- "$cur"))
        return
    fi
    verb=${COMP_WORDS[1]}
    # What the words before mean: the value of an option, an option, the place-th argument.
    for ((i = 2; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $value ]]; then
            value=
        elif [[ -n $word && -n ${_cloison_values[$verb $word]} ]]; then
            value=${_cloison_values[$verb $word]}
        elif [[ $word != -* ]]; then
            place=$((place + 1))
            [[ -z $layout ]] && layout=$word
        fi
    done
    if [[ -n $value ]]; then
        [[ -z $layout ]] && layout=${COMP_WORDS[COMP_CWORD + 1]}
        _cloison_complete "$value" "$layout"
    elif [[ $cur = -* ]]; then
        COMPREPLY=($(compgen -W "${_cloison_options[$verb]}" -- "$cur"))
    else
        local arguments
        IFS='|' read -r -a arguments <<<"${_cloison_arguments[$verb]}"
        ((place >= ${#arguments[@]})) && place=$((${#arguments[@]} - 1))
        ((place >= 0)) && _cloison_complete "${arguments[place]}" "$layout"
    fi
}

complete -F _cloison cloison
)sh";

std::string quoted(const std::string& text) {
    return "'" + text + "'"; // the words of helps have no quotation marks: see the tests
}

} // namespace

std::string bash_script(const std::vector<VerbShape>& verbs,
                        const std::vector<std::string>& rules) {
    std::vector<std::string> names;
    std::string options, values, arguments;
    for (const VerbShape& verb : verbs) {
        names.push_back(verb.name);
        std::vector<std::string> words;
        for (const Option& option : verb.options)
            for (const std::string& name : option.names) {
                words.push_back(name);
                if (!option.placeholder.empty())
                    values += "    [" + quoted(verb.name + " " + name) +
                              "]=" + quoted(action_of(option.placeholder)) + "\n";
            }
        // What "help" lists are the options of the command, before any verb.
        options +=
            "    [" + (verb.name == "help" ? "-" : verb.name) + "]=" + quoted(joined(words)) + "\n";
        std::string actions;
        for (const std::string& argument : verb.arguments)
            actions += (actions.empty() ? "" : "|") + action_of(argument);
        arguments += "    [" + verb.name + "]=" + quoted(actions) + "\n";
    }
    return "# bash completion for cloison, written by `cloison completion bash`; to use it:\n"
           "#     source <(cloison completion bash)\n"
           "_cloison_verbs=" +
           quoted(joined(names)) + "\n_cloison_rules=" + quoted(joined(rules)) +
           "\ndeclare -gA _cloison_options=(\n" + options + ")\ndeclare -gA _cloison_values=(\n" +
           values + ")\ndeclare -gA _cloison_arguments=(\n" + arguments + ")\n" + functions;
}

} // namespace cloison::completion

# Completions of hubreach for fish, which ask the program itself.

function __hubreach_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    for line in ($program completions fish -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                set -l option (string match -r -- '^--[^=]*=' "$current")
                for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current"))
                    printf '%s\n' "$option$path"
                end
            case :directories
                set -l option (string match -r -- '^--[^=]*=' "$current")
                for path in (__fish_complete_directories (string replace -r -- '^--[^=]*=' '' "$current"))
                    printf '%s\n' "$option$path"
                end
            case '*'
                printf '%s\n' "$line"
        end
    end
end

complete -c hubreach -f -a '(__hubreach_complete)'

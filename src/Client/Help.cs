using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace EventFiles.Client;

/// <summary>Help with something to say at the end.</summary>
internal static class Help
{
    public static HelpOption With(string end)
    {
        var option = new HelpOption();
        option.Action = new AtTheEnd((HelpAction)option.Action!, end);
        return option;
    }

    private sealed class AtTheEnd(HelpAction usual, string end) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = usual.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(end);
            return code;
        }
    }
}

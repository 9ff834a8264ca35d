using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary>What commands that transfer have in common.</summary>
internal static class TransferOptions
{
    public static Option<int> Parallel()
    {
        var option = new Option<int>("--parallel")
        {
            Description = "Transfer so many files at once",
            HelpName = "N",
            DefaultValueFactory = _ => 4,
        };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 64)
                given.AddError("--parallel is a number from 1 to 64.");
        });
        return option;
    }

    public static Option<bool> NoDirect() => new("--no-direct")
    {
        Description = "Send everything through the server, also large files that it would have go straight to its store",
    };

    public static Option<bool> Recursive(string description) => new("--recursive", "-r") { Description = description };
}

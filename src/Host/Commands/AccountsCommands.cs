using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Features.Accounts;
using EventFiles.Host.Configuration;

namespace EventFiles.Host.Commands;

/// <summary><c>accounts letters</c>: the links of letters and invitations, where no mail server sends them.</summary>
internal static class AccountsCommands
{
    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var letters = new Command(
            "letters", "Print the letters and invitations whose links are good now, each with its link: whoever has it may follow it")
        {
            which.Data, which.EnvFile, json,
        };
        letters.SetAction((asked, cancel) => Print(product, which.Read(asked), asked.GetValue(json), cancel));
        return new Command("accounts", "What is sent to accounts") { letters };
    }

    private static async Task<int> Print(Product product, Settings settings, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.WithKeys(product, settings, database.ConnectionString, database.IsServed);
        var open = await OpenLetters.Read(
            services.GetRequiredService<IStreams>(), services.GetRequiredService<ISeals>(), settings.Accounts.Site,
            TimeProvider.System.GetUtcNow(), cancel);
        foreach (var letter in open)
        {
            Console.WriteLine(json
                ? JsonSerializer.Serialize(letter, JsonSerializerOptions.Web)
                : string.Create(CultureInfo.InvariantCulture, $"{letter.Until:yyyy-MM-dd HH:mm}  {letter.What,-16} {letter.To}\n    {letter.Link}"));
        }

        if (open.Count == 0 && !json)
            Console.WriteLine("No letter waits to be followed.");
        return 0;
    }
}

using System.CommandLine;
using System.Net.Http.Json;
using System.Text;

namespace EventFiles.Client.Commands;

/// <summary><c>files login</c> and <c>files logout</c>.</summary>
internal static class LoginCommand
{
    public static Command Define()
    {
        var url = new Argument<string?>("url")
        {
            Description = "The server's address (or EVENTFILES_URL)",
            HelpName = "URL",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var email = new Option<string?>("--email") { Description = "Your account's e-mail address; asked for when it is not said", HelpName = "E" };
        var stdin = new Option<bool>("--password-stdin") { Description = "Read the password from standard input" };
        var switches = new Switches();
        var command = switches.On(
            new Command("login", "Sign in at a server and remember it; the password is asked for, or EVENTFILES_PASSWORD")
            {
                url, email, stdin,
            },
            """
              eventfiles files login https://files.example.org --email olga@example.org
              pass show eventfiles | eventfiles files login https://files.example.org --email olga@example.org --password-stdin
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches, errand => Login(errand, asked.GetValue(url), asked.GetValue(email), asked.GetValue(stdin), cancel), cancel));
        return command;
    }

    public static Command DefineLogout()
    {
        var switches = new Switches();
        var command = switches.On(
            new Command("logout", "End the sign-in at the server and forget it here"), "  eventfiles files logout");
        command.SetAction((asked, cancel) => Errand.Run(asked, switches, errand => Logout(errand, cancel), cancel));
        return command;
    }

    private static async Task Login(Errand errand, string? url, string? email, bool fromStdin, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(url))
            url = Environment.GetEnvironmentVariable("EVENTFILES_URL");
        var server = ServerConnection.AddressOf(!string.IsNullOrEmpty(url) ? url
            : throw NotDoneException.Usage("Name the server: eventfiles files login URL"));
        if (server is { Scheme: "http", IsLoopback: false })
            errand.Display.Note($"{server} is not encrypted: whoever is on the way can read your password and your files.");
        email ??= Environment.GetEnvironmentVariable("EVENTFILES_EMAIL");
        email = !string.IsNullOrEmpty(email) ? email
            : Console.IsInputRedirected || fromStdin ? throw NotDoneException.Usage("Name your account: --email")
            : Ask("E-mail: ");
        var password = Secret.Read(fromStdin, "Password: ", "EVENTFILES_PASSWORD")
            ?? throw NotDoneException.Usage("There is no terminal to ask for the password: use --password-stdin or EVENTFILES_PASSWORD.");

        using var http = Http.Client(server);
        var patience = new Patience(() => 3);
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "api/auth/login") { Content = JsonContent.Create(new { email, password }) };
                using var reply = await Http.Send(http, request, cancel);
                var tokens = await Http.Read<Tokens>(reply, cancel);
                using (await SignInFile.Lock(cancel))
                    SignInFile.Write(tokens.For(server, email));
                errand.Display.Result(new { action = "login", url = server, email }, $"Signed in at {server} as {email}.");
                return;
            }
            catch (NotNowException why)
            {
                await patience.Wait(why, cancel);
            }
        }
    }

    private static async Task Logout(Errand errand, CancellationToken cancel)
    {
        if (SignInFile.Read() is not { } signIn)
            throw NotDoneException.NotSignedIn("Nobody is signed in.");
        using var http = Http.Client(signIn.Url);
        using var server = new ServerConnection(http, new RememberedSignIn(signIn, http), signIn.Email);
        try
        {
            await server.Tell(HttpMethod.Post, "api/auth/logout", cancel);
        }
        catch (NotDoneException over) when (over.ExitCode == ExitCodes.NotSignedIn)
        {
            // The server had forgotten it before.
        }
        finally
        {
            SignInFile.Delete();
        }

        errand.Display.Result(new { action = "logout", url = signIn.Url, signIn.Email }, $"Signed out at {signIn.Url}.");
    }

    private static string Ask(string question)
    {
        Console.Error.Write(question);
        return Console.ReadLine()?.Trim() ?? "";
    }
}

/// <summary>Secrets that are typed in or piped in; on a command line everybody on the machine could read them.</summary>
internal static class Secret
{
    /// <summary>Reads one from where it can be had; null when there is nobody to ask.</summary>
    public static string? Read(bool fromStdin, string question, string? variable)
    {
        if (fromStdin)
            return Console.In.ReadLine() ?? "";
        if (variable is not null && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
            return given;
        if (Console.IsInputRedirected)
            return null;
        Console.Error.Write(question);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}

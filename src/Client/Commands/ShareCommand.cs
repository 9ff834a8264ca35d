using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files share</c>: lets an account or a group use a file or a folder, or makes a public link of a file.</summary>
internal static class ShareCommand
{
    private sealed record ShareReply(Guid Id, string Role, DateTimeOffset? ExpiresAt);

    private sealed record LinkReply(Guid Id, string Url, bool HasPassword, DateTimeOffset? ExpiresAt, int? MaxDownloads);

    public static Command Define()
    {
        var path = new Argument<string>("remote") { Description = "A file or a folder at the server", HelpName = "REMOTE" };
        var with = new Option<string?>("--with") { Description = "Whom to share it with: an account's e-mail address or id, or the id of a group you are in", HelpName = "EMAIL" };
        var role = new Option<string>("--role")
        {
            Description = "uploader may only bring files into a folder; viewer may read; commenter as well; editor may also rename files, add versions, and put something into a folder",
            HelpName = "ROLE",
            DefaultValueFactory = _ => "viewer",
        };
        role.AcceptOnlyFromAmong("uploader", "viewer", "commenter", "editor");
        var mayShare = new Option<bool>("--may-share") { Description = "The editor may share it with others" };
        var link = new Option<bool>("--link") { Description = "Make a public link and print it" };
        var stdin = new Option<bool>("--password-stdin") { Description = "The link asks for a password, which is read from standard input" };
        var expires = new Option<string?>("--expires") { Description = "When it ends: 12h, 7d, or a time such as 2027-01-31T12:00:00Z", HelpName = "WHEN" };
        var downloads = new Option<int?>("--max-downloads") { Description = "The link is good for so many downloads", HelpName = "N" };
        var switches = new Switches();
        var command = switches.On(
            new Command("share", "Share a file or a folder with somebody, or a file by a public link") { path, with, role, mayShare, link, stdin, expires, downloads },
            """
              eventfiles files share Projects/report.pdf --with ravi@example.org --role editor
              eventfiles files share Projects --with mei@example.org --role uploader
              eventfiles files share Projects/report.pdf --link --expires 7d --max-downloads 3
            """);
        command.Validators.Add(asked =>
        {
            var isLink = asked.GetValue(link);
            if (isLink == (asked.GetResult(with) is not null))
                asked.AddError("Say either --with or --link.");
            else if (isLink ? asked.GetResult(role) is { Implicit: false } || asked.GetValue(mayShare) : asked.GetValue(stdin) || asked.GetValue(downloads) is not null)
                asked.AddError(isLink ? "--role and --may-share go with --with." : "--password-stdin and --max-downloads go with --link.");
        });
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            async errand =>
            {
                var until = asked.GetValue(expires) is { } text ? Time(text, TimeProvider.System.GetUtcNow()) : (DateTimeOffset?)null;
                var file = await errand.Tree.Find(asked.GetRequiredValue(path), cancel);
                if (file.IsFolder && asked.GetValue(link))
                    throw NotDoneException.Refused("client.not-a-file", $"{file.Path} is a folder: links lead to files.");
                await (asked.GetValue(link)
                    ? Link(errand, file, asked.GetValue(stdin), until, asked.GetValue(downloads), cancel)
                    : Share(errand, file, asked.GetValue(with)!, asked.GetValue(role)!, asked.GetValue(mayShare), until, cancel));
            },
            cancel));
        return command;
    }

    private static async Task Share(
        Errand errand, RemoteEntry file, string grantee, string role, bool mayShare, DateTimeOffset? until, CancellationToken cancel)
    {
        var share = await errand.Server.Post<ShareReply>(
            $"api/{(file.IsFolder ? "folders" : "files")}/{file.Id}/shares", new { grantee, role, expiresAt = until, mayShare }, cancel);
        errand.Display.Result(
            new { action = "share", remote = file.Path, id = share.Id, fileId = file.Id, isFolder = file.IsFolder, grantee, role = share.Role, expiresAt = share.ExpiresAt },
            $"{file.Path} shared with {grantee} ({share.Role}{(share.ExpiresAt is { } end ? $" until {end:u}" : "")})");
    }

    private static async Task Link(
        Errand errand, RemoteEntry file, bool hasPassword, DateTimeOffset? until, int? downloads, CancellationToken cancel)
    {
        var password = hasPassword ? Secret.Read(fromStdin: true, "", null) : null;
        var link = await errand.Server.Post<LinkReply>(
            $"api/files/{file.Id}/links", new { password, expiresAt = until, maxDownloads = downloads }, cancel);
        errand.Display.Answer(
            new
            {
                action = "link",
                remote = file.Path,
                id = link.Id,
                fileId = file.Id,
                url = link.Url,
                hasPassword = link.HasPassword,
                expiresAt = link.ExpiresAt,
                maxDownloads = link.MaxDownloads,
            },
            link.Url);
    }

    /// <summary>A time, said as one or as how long from now.</summary>
    /// <exception cref="NotDoneException">It is neither.</exception>
    private static DateTimeOffset Time(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            switch (text[^1])
            {
                case 'm': return now.AddMinutes(number);
                case 'h': return now.AddHours(number);
                case 'd' when number < 100_000: return now.AddDays(number);
            }
        }

        return text.Contains('-', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.ToUniversalTime()
                : throw NotDoneException.Usage($"--expires {text}: neither a time span such as 12h or 7d nor a time.");
    }
}

namespace EventFiles.Host.Web;

/// <summary>Structured logs on standard error: lines for a person at a terminal, JSON everywhere else.</summary>
internal static class Logs
{
    public static void Configure(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        if (Console.IsErrorRedirected)
        {
            logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "O";
                json.IncludeScopes = true;
            });
        }
        else
        {
            logging.AddSimpleConsole(simple =>
            {
                simple.SingleLine = true;
                simple.TimestampFormat = "HH:mm:ss ";
            });
        }

        logging.Services.AddSingleton<IExternalScopeProvider, LogScopes>();
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Npgsql", LogLevel.Warning);
        // The key folder is closed to other accounts, which is what the warning is about.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // Unhandled exceptions are logged once, where they become a problem.
        logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
    }
}

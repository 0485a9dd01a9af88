from standins.service import main

main()
